import { expect, test } from "vitest";
import { findMigration } from "../../src/deploy/block-facts.ts";

const migrationOf = (migrations: string) =>
  findMigration({ service: "shop", version: "1.2.0", data: { migrations } });

test.each([
  "none",
  "None.",
  "no",
  "no migrations",
  "No schema changes",
  "none needed",
  "not required",
  "n/a",
])("%j is no migration", (text) => expect(migrationOf(text)).toBeNull());

test.each(["no downtime: rename a column", "none of the old rows stay", "not yet known", "0042_add_orders"])(
  "%j is one, in the sender's words",
  (text) => expect(migrationOf(text)).toBe(text),
);

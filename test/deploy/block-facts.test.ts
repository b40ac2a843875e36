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

test("the command that migrates is named, with what is said about it", () => {
  const artifacts = [{ migration: "npm run migrate" }];
  const of = (migrations?: string) =>
    findMigration({
      service: "shop",
      version: "1.2.0",
      artifacts,
      ...(migrations === undefined ? {} : { data: { migrations } }),
    });
  expect(of()).toBe("npm run migrate");
  expect(of("none")).toBe("npm run migrate");
  expect(of("adds a table")).toBe("npm run migrate: adds a table");
});

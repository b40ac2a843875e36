import { expect, test } from "vitest";
import { findPreparedItems } from "../../src/deploy/prepared-items.ts";
import { scanChecklist } from "../../src/memo/checklist.ts";

const ALL = { compose: true, site: true, env: true, runbook: true, questions: true };

function tickedOf(items: readonly string[], made = ALL): string[] {
  const text = `## Action items\n\n${items.map((item) => `- [ ] ${item}\n`).join("")}`;
  return findPreparedItems(scanChecklist(text), made).map((item) => item.text);
}

test("what was prepared is ticked, however it is said", () => {
  const items = [
    "Prepare the Compose configuration",
    "Write the runbook",
    "Prepare the reverse proxy",
    "Write the Caddy site and env.example",
    "List the open questions",
    "prepare configuration, runbook and open questions",
    "Please write a runbook with a way back",
  ];
  expect(tickedOf(items)).toEqual(items);
});

test("what only a person does stays open, also beside something that was prepared", () => {
  const items = [
    "Deploy it",
    "Run the runbook",
    "Review the runbook",
    "Write the runbook, then run it",
    "Write the runbook and tell the customers",
    "Prepare the Compose configuration and the DNS records",
    "Create the database backup configuration",
    "Create secrets in the configuration",
    "Write the announcement",
  ];
  expect(tickedOf(items)).toEqual([]);
});

test("what was not made stays open", () => {
  const items = ["Write the Caddy site", "Prepare the Compose configuration"];
  expect(tickedOf(items, { ...ALL, site: false })).toEqual(["Prepare the Compose configuration"]);
});

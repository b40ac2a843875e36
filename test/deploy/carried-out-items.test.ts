import { expect, test } from "vitest";
import { findCarriedOutItems } from "../../src/deploy/carried-out-items.ts";
import { scanChecklist } from "../../src/memo/checklist.ts";

const TITLE = "Deploy shop 1.2.0 to web1";
const isDone = (text: string) =>
  findCarriedOutItems(scanChecklist(`## Action items\n\n- [ ] ${text}\n`), TITLE).length === 1;

test.each([
  "Deploy it",
  "Deploy and verify",
  "Please deploy shop 1.2.0 to web1.",
  "Roll it out, then verify that it answers",
  "Carry out the runbook",
  "Install the site and restart the service",
  "Go live",
])("%s: a runbook that was carried out and verified did it", (text) => expect(isDone(text)).toBe(true));

test.each([
  "Write the release notes",
  "Release notes for the customers",
  "Deploy it and tell the customers",
  "Install the monitoring agent",
  "Start the newsletter",
  "Live-test a payment by hand",
  "Verify the backup",
  "Do not deploy to web1",
  "Start shop 1.1.0 on web2 as well",
  "Restore what was delivered",
])("%s: no runbook did it", (text) => expect(isDone(text)).toBe(false));

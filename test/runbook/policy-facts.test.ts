import { expect, test } from "vitest";
import { planDecision } from "../../src/runbook/decide.ts";
import { readApprovalNeeds } from "../../src/runbook/policy-facts.ts";
import { ADA, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";

const ACTION =
  "### 2. Ask\n\n```yaml action\nuse: http.check\nhost: here\nwith: { url: http://localhost/ }\n```\n";

test("rules see what a runbook is: author, hosts and their tiers, tiers of commands, actions, raw commands", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: `${letterStep(1, space.host, "A")}\n${ACTION}` }));
  const { loaded, current } = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  const needs = (rule: string) =>
    readApprovalNeeds(
      Buffer.from(`approval:\n  four_eyes: ${JSON.stringify(rule)}\n`),
      loaded.runbook,
      current.assessment,
      current.inventory,
    );
  const all = [
    'author == "sysadmin@infra"',
    'hosts == ["here"] && host_tiers == ["local"]',
    'tier == "staging" && "read" in tiers && "local" in tiers',
    'actions == ["http.check"] && raw',
    `id == "${ID}" && title == "Deploy shop"`,
  ];
  for (const rule of all) {
    expect(await needs(rule), rule).toMatchObject({ authorMayApprove: false });
    expect(await needs(`!(${rule})`), rule).toMatchObject({ authorMayApprove: true });
  }
  await expect(needs("raw ? 1 : 2")).rejects.toMatchObject({ code: "policy.rule" });
  await expect(
    readApprovalNeeds(Buffer.from("aproval: {}"), loaded.runbook, current.assessment, current.inventory),
  ).rejects.toMatchObject({ code: "policy.unreadable", exit: 5 });
});

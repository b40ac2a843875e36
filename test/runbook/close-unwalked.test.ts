import { expect, test } from "vitest";
import { closeRunbook } from "../../src/runbook/close.ts";
import { ADA, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";

test("a runbook that was never run may be taken away only where nobody decided on it: decisions stay in the trail", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  const request = { principal: ADA, facts: { terminal: true }, sign: space.sign };
  const fixOf = async () => {
    const refused = await closeRunbook(space.gate(), ID, request).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "close.no-walk" });
    return (refused as { fix: string }).fix;
  };
  expect(await fixOf()).toContain(`git rm -r runbooks/${ID}`);
  await space.approve();
  expect(await fixOf()).toBe(`vibeops runbook run ${ID}`);
});

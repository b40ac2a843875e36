import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireApproval } from "../../src/runbook/approval.ts";
import { planFirstKey } from "../../src/runbook/plan-init.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { RECORD_NAMESPACE, requireHumanKey, trustPaths } from "../../src/runbook/trust.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  makeTestKey,
  runbookText,
} from "./gate-workspace.ts";

async function approved(): Promise<GateWorkspace> {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await space.approve();
  return space;
}

async function ask(space: GateWorkspace): Promise<string> {
  try {
    await requireApproval(space.gate(), loadRunbook(space.gate().project, ID));
    return "valid";
  } catch (error) {
    const { code, line, facts } = error as { code: string; line?: number; facts?: { reason?: string } };
    return `${code} ${facts?.reason ?? `line ${line}`}`;
  }
}

const OURS = "vibeops-approval,vibeops-record";

test.each<[string, (text: string) => string, string]>([
  ["a byte order mark", (text) => `\ufeff${text}`, "trust.encoding line 1"],
  ["a no-break space before it", (text) => `\u00a0${text}`, "trust.signers line 1"],
  ["a vertical tab before it", (text) => `# team\n\v${text}`, "trust.signers line 2"],
  ["a line separator behind it", (text) => `${text.trimEnd()}\u2028\n`, "trust.signers line 1"],
  ["tabs, spaces and Windows' line ends", (text) => `# a\r\n\r\n \t${text.trimEnd()} \t\r\n`, "valid"],
  ["the other namespace", (text) => text.replace(OURS, RECORD_NAMESPACE), "approval.invalid namespace"],
  [
    "one line that ended and one for the other namespace",
    (text) =>
      `${text.replace(`"${OURS}"`, '"vibeops-approval",valid-before="20200101"')}${text.replace(OURS, RECORD_NAMESPACE)}`,
    "approval.invalid key-ended",
  ],
])(
  "what ssh-keygen reads otherwise is named for what it is: a signer with %s",
  async (_, change, expected) => {
    const space = await approved();
    const { allowedSigners } = trustPaths(space.context.env);
    writeFileSync(allowedSigners, change(readFileSync(allowedSigners, "utf8")));
    expect(await ask(space)).toBe(expected);
  },
);

test("whose key is listed for seals alone hears so before they read a page, and may seal", async () => {
  const space = await approved();
  const paths = trustPaths(space.context.env);
  const text = readFileSync(paths.allowedSigners, "utf8");
  writeFileSync(paths.allowedSigners, text.replace(OURS, RECORD_NAMESPACE));
  await expect(planFirstKey(paths, space.context, ADA)).rejects.toMatchObject({
    code: "trust.namespace",
    exit: 5,
    line: 1,
    fix: expect.stringContaining("vibeops trust add ada@example.com") as string,
  });
  await requireHumanKey(paths, space.context, ADA, RECORD_NAMESPACE);
});

test("revoked_keys that are a list made by ssh-keygen are named as that, and let nobody through", async () => {
  const space = await approved();
  const { revoked } = trustPaths(space.context.env);
  const other = join(space.space.directory, "other");
  makeTestKey(other, "another phrase");
  execFileSync("ssh-keygen", ["-q", "-k", "-f", revoked, `${other}.pub`]);
  expect(await ask(space)).toBe("trust.revoked-keys line undefined");
});

test("a line of revoked_keys for which ssh-keygen would refuse everybody is named", async () => {
  const space = await approved();
  const { revoked } = trustPaths(space.context.env);
  const other = join(space.space.directory, "other");
  makeTestKey(other, "another phrase");
  const key = readFileSync(`${other}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(revoked, `# gone\r\n${key}\r\n \n`);
  expect(await ask(space)).toBe("valid");
  writeFileSync(revoked, `# gone\r\n\r\n${key}\r\n`);
  expect(await ask(space)).toBe("trust.revoked-keys line 2");
});

// A workspace with one runbook that somebody approved and nobody has walked yet, for gate.mjs, which bundles this file
// and runs it.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadProject } from "../../src/project/project.ts";
import { readCurrentContent } from "../../src/runbook/current-content.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { formatStatement, STATEMENT_VERSION } from "../../src/runbook/statement.ts";
import { APPROVAL_NAMESPACE } from "../../src/runbook/trust.ts";
import { ADA, makeKey, signFiles } from "./audit-fixture.mjs";

const ID = "20260101T090000Z-m2x9vaq4";
const NONCE = "20260101T091000Z-77bzg9x4";
const HOUR = 3_600_000;

const STEP = `### 1. Write a letter

\`\`\`sh run host=here
echo A >>/tmp/letters
\`\`\`

\`\`\`sh check host=here
test -s /tmp/letters
\`\`\`

\`\`\`sh rollback host=here
rm -f /tmp/letters
\`\`\`
`;
const RUNBOOK = `---
id: ${ID}
title: Write two letters
author: sysadmin@infra
hosts: [here]
---

## Summary

Two letters more.

## Steps

${STEP}
${STEP.replace("1. Write a letter", "2. Write another")}
## Verification

\`\`\`sh check host=here
true
\`\`\`
`;

/**
 * @param {string} directory an empty folder
 * @returns where the project lies, the runbook's id, and the environment of whoever walks it
 */
export async function makeApproved(directory) {
  const root = join(directory, "infra");
  const env = { PATH: process.env.PATH, HOME: join(directory, "home"), TZ: "UTC" };
  const write = (path, text) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  write("vibeops.yaml", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  write("inventory.yaml", "hosts:\n  here: { transport: local, tier: live, runtime: process }\n");
  write(`runbooks/${ID}/runbook.md`, RUNBOOK);
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"];
  const git = (...args) => execFileSync("git", [...identity, ...args], { cwd: root, env, encoding: "utf8" });
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "Start");
  const key = makeKey(directory, env);
  const project = loadProject(root);
  const { content } = await readCurrentContent(project, loadRunbook(project, ID), env);
  const now = Date.now();
  const statement = formatStatement({
    ...{ statement: STATEMENT_VERSION, decision: "approve", nonce: NONCE, uses: 1, approver: ADA },
    created: new Date(now - HOUR).toISOString(),
    expires: new Date(now + 12 * HOUR).toISOString(),
    base: git("rev-parse", "HEAD").trim(),
    ...content,
  });
  const file = write(`runbooks/${ID}/approvals/${NONCE}.yaml`, statement);
  signFiles(key, APPROVAL_NAMESPACE, [file]);
  git("add", ".");
  git("commit", "--quiet", "--message", "Approve");
  return { root, env, id: ID };
}

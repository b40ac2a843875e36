// Approves in a process of its own, for tests at a pseudo-terminal: the key asks there for its passphrase.
import { randomBytes } from "node:crypto";
import { requireGit } from "../../src/platform/git.ts";
import { loadProject } from "../../src/project/project.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import { applyInit } from "../../src/runbook/init-trust.ts";
import { planInit } from "../../src/runbook/plan-init.ts";
import { terminalSigner } from "../../src/runbook/sign.ts";
import { APPROVAL_NAMESPACE, trustPaths } from "../../src/runbook/trust.ts";

const [act = "", root = "", id = "", principal = ""] = process.argv.slice(2);
const context = { env: process.env, now: () => new Date("2026-11-20T14:32:11Z"), randomBytes };
const gate = { project: loadProject(root), git: requireGit(root, context.env), context };
const paths = trustPaths(context.env);

try {
  if (act === "make-key") {
    const made = await planInit(paths, context.env, { principal });
    await applyInit(paths, context.env, { terminal: process.stdin.isTTY === true }, made);
  } else if (act === "sign") {
    await terminalSigner(paths.key, context.env)(Buffer.from("anything"), APPROVAL_NAMESPACE);
  } else {
    const plan = await planDecision(gate, id, { decision: "approve", principal });
    const facts = { terminal: process.stdin.isTTY === true, pagesShown: plan.pages.length };
    await recordDecision(gate, plan, facts, terminalSigner(paths.key, context.env));
  }
  process.stdout.write("DONE\n");
} catch (error) {
  const { code, fix } = error as { code?: string; fix?: string };
  process.stdout.write(`REFUSED ${code ?? error}\nFIX ${fix}\n`);
}

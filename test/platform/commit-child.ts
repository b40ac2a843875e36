// Commits a memo and a line of STATE.md in a process of its own, for tests that kill it.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { requireGit } from "../../src/platform/git.ts";
import { commitChanges, put } from "../../src/platform/git-commit.ts";

const [root = ""] = process.argv.slice(2);
const context = { env: process.env, now: () => new Date("2026-11-20T14:32:11Z"), randomBytes };
const line = (before: Buffer | null) => Buffer.concat([Buffer.from("ours\n"), before ?? Buffer.alloc(0)]);
const changes = [
  put(join(root, "memos/x.md"), Buffer.from("memo\n")),
  { path: join(root, "STATE.md"), edit: line },
];
await commitChanges(requireGit(root, context.env), changes, "A memo", context);

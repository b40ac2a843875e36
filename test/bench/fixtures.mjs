// Projects of any size, made fast: files that have to be in git come by way of one fast-import and one checkout.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const directory = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-bench-")));
export const env = {
  PATH: process.env.PATH,
  HOME: directory,
  GIT_AUTHOR_NAME: "Bench",
  GIT_AUTHOR_EMAIL: "bench@example.com",
  GIT_COMMITTER_NAME: "Bench",
  GIT_COMMITTER_EMAIL: "bench@example.com",
};

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";
const WORDS =
  "deploy rotate upgrade certificate caddy database backup restore invoice latency release container volume network policy runbook staging secret token renew domain queue worker index schema migration".split(
    " ",
  );

function someWords(count) {
  return Array.from(randomBytes(count), (byte) => WORDS[byte % WORDS.length]).join(" ");
}

/** Markdown as a memo's or a task's text. */
export function someBody() {
  return `Some words about what is wanted and why: ${someWords(30)}.`;
}

/** One memo: its file's name, its month, its text. */
function makeMemo(name, i, start, seconds) {
  const suffix = Array.from(randomBytes(8), (byte) => CROCKFORD[byte % 32]).join("");
  const time = new Date(start + i * seconds * 1000).toISOString();
  const id = `${time.slice(0, 19).replaceAll(/[-:]/g, "")}Z-${suffix}`;
  const front = `---\nid: ${id}\nfrom: developer@${name}\nto: developer@${name}\npriority: normal\ntype: request\nsubject: Work item ${i}\n---\n`;
  const body = `\n## Context\n\n${someBody()}\n\n## Action items\n\n- [ ] One\n- [x] Two\n\n## Completion\n`;
  return { file: `${id}-work-item-${i}.md`, month: time.slice(0, 7), text: front + body };
}

/** Files of a project by their path: `pending` of this year, each with its copy among the sent, and `archived` of five. */
function* projectFiles({ name, pending = 0, archived = 0, sentCopies = false, broken = 0 }) {
  yield ["vibeops.yaml", `project: ${name}\nagents: { developer: { provider: builtin } }\n`];
  yield [".gitignore", ".vibeops/\n"];
  const start = Date.UTC(2021, 0, 1);
  for (let i = 0; i < pending; i += 1) {
    const memo = makeMemo(name, i, Date.UTC(2026, 0, 1), 60);
    yield [`memos/incoming/${memo.file}`, memo.text];
    if (sentCopies) yield [`memos/sent/${memo.month}/${memo.file}`, memo.text];
  }
  for (let i = 0; i < broken; i += 1) {
    const memo = makeMemo(name, i, Date.UTC(2026, 0, 1), 60);
    yield [`memos/incoming/${memo.file}`, memo.text.replace("from: ", "from: [")];
  }
  for (let i = 0; i < archived; i += 1) {
    const memo = makeMemo(name, i, start, Math.floor((5 * 365 * 86_400) / archived));
    yield [`memos/archived/${memo.month}/${memo.file}`, memo.text];
  }
}

/** A project in a git of its own, everything committed; with `commits`, so many after that. */
export function makeProject(options) {
  const root = join(directory, options.name);
  mkdirSync(root);
  const git = (args, input) => execFileSync("git", args, { cwd: root, env, input });
  git(["init", "--quiet", "--initial-branch=main"]);
  const stream = [];
  const commit = (mark, from) => {
    const who = `Bench <bench@example.com> ${1_790_000_000 + mark * 60} +0000`;
    stream.push(`commit refs/heads/main\nmark :${mark}\ncommitter ${who}\ndata 6\nCommit\n`);
    if (from) stream.push(`from :${from}\n`);
  };
  const put = (path, text) =>
    stream.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  commit(1);
  for (const [path, text] of projectFiles(options)) put(path, text);
  for (let i = 2; i <= (options.commits ?? 0) + 1; i += 1) {
    commit(i, i - 1);
    put(`src/file-${i % 50}.txt`, `line ${i}\n`);
  }
  git(["fast-import", "--quiet"], stream.join(""));
  git(["reset", "--quiet", "--hard"]);
  return root;
}

/** The same without git, for what only reads files. */
export function writeProject(options) {
  const root = join(directory, options.name);
  const made = new Set();
  for (const [path, text] of projectFiles(options)) {
    const file = join(root, path);
    if (!made.has(dirname(file))) mkdirSync(dirname(file), { recursive: true });
    made.add(dirname(file));
    writeFileSync(file, text);
  }
  return root;
}

/** Ten thousand tasks for npm's backlog.md, installed outside of this repository; with the same text as the memos. */
export function makeBacklog({ tasks }) {
  const tool = join(directory, "tool");
  mkdirSync(tool);
  // With the person's own registry and cache, and so with their environment.
  execFileSync("npm", ["install", "--silent", "--prefix", tool, "backlog.md"], {
    stdio: "inherit",
    cwd: tool,
  });
  const program = join(tool, "node_modules/.bin/backlog");
  const root = join(directory, "backlog");
  mkdirSync(root);
  const run = (command, ...args) => execFileSync(command, args, { cwd: root, env, stdio: "ignore" });
  run("git", "init", "--quiet");
  run(program, "init", "bench", "--defaults");
  run(program, "config", "set", "remoteOperations", "false");
  for (let i = 1; i <= tasks; i += 1) {
    const front = `---\nid: TASK-${i}\ntitle: Work item ${i}\nstatus: To Do\nassignee: []\ncreated_date: '2026-01-01 10:00'\nlabels: []\ndependencies: []\nordinal: ${i * 1000}\n---\n`;
    const body = `\n## Description\n\n<!-- SECTION:DESCRIPTION:BEGIN -->\n${someBody()}\n<!-- SECTION:DESCRIPTION:END -->\n\n- [ ] One\n- [x] Two\n`;
    writeFileSync(join(root, `backlog/tasks/task-${i} - Work-item-${i}.md`), front + body);
  }
  run("git", "add", "--all");
  run("git", "commit", "--quiet", "-m", "Start");
  return { program, root };
}

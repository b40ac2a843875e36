// A workspace with a long past, for audit.mjs, which bundles this file and runs it: runbooks that were approved,
// walked, verified and closed, each with its signatures, and memos that came in, were finished and archived. Every
// run of it writes the same texts.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256 } from "../../src/platform/hash.ts";
import { loadProject } from "../../src/project/project.ts";
import { compileRunbook } from "../../src/runbook/compile-runbook.ts";
import { hashCommand, readCurrentContent } from "../../src/runbook/current-content.ts";
import { drawRecord } from "../../src/runbook/draw-record.ts";
import { projectSource } from "../../src/runbook/project-files.ts";
import { readRecord } from "../../src/runbook/record.ts";
import { recordEventSchema } from "../../src/runbook/record-event.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { formatSeal } from "../../src/runbook/seal.ts";
import { formatStatement, STATEMENT_VERSION } from "../../src/runbook/statement.ts";
import { APPROVAL_NAMESPACE, addSigner, RECORD_NAMESPACE, trustPaths } from "../../src/runbook/trust.ts";

export const ADA = "ada@example.com";
const MINUTE = 60_000;
const BEGIN = Date.UTC(2024, 0, 1);
const LOCK = sha256("lock");

/**
 * @param {string} directory an empty folder
 * @param {{ memos: number, runbooks: number, perCommit: number }} size `perCommit`: how many memos one commit takes
 * in or archives, and how many runbooks one commit writes, walks or closes
 * @returns where the project lies, and the environment of whoever audits it
 */
export async function makeWorkspace(directory, size) {
  const root = join(directory, "infra");
  const env = { PATH: process.env.PATH, HOME: join(directory, "home"), TZ: "UTC" };
  mkdirSync(join(root, "memos"), { recursive: true });
  const write = (path, bytes) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
    return [path, Buffer.from(bytes)];
  };
  const rules = [
    write("vibeops.yaml", "project: infra\nagents: { sysadmin: { provider: builtin } }\n"),
    write("inventory.yaml", "hosts:\n  here: { transport: local, tier: local, runtime: process }\n"),
  ];
  const history = new History(root, env);
  history.commit("Start", rules);
  writeMemos(write, history, size);
  const key = makeKey(directory, env);
  await writeRunbooks({ root, env, write, key }, history, size);
  history.end();
  return { root, env };
}

/** Commits in one `git fast-import`: what a thousand sessions would have committed one by one. */
class History {
  #root;
  #env;
  #stream = [];
  #time = BEGIN / 1000;
  #commits = 0;

  constructor(root, env) {
    this.#root = root;
    this.#env = env;
  }

  get head() {
    return this.#commits === 0 ? "none" : `:${this.#commits}`;
  }

  commit(message, files, removed = []) {
    this.#commits += 1;
    this.#time += 60;
    const changes = files.map(([path, bytes]) => [`M 100644 inline ${path}\n`, ...data(bytes)]);
    this.#stream.push(
      `commit refs/heads/main\nmark :${this.#commits}\ncommitter Bench <bench@example.com> ${this.#time} +0000\n`,
      ...data(Buffer.from(message)),
      ...removed.map((path) => `D ${path}\n`),
      ...changes.flat(),
      "\n",
    );
  }

  end() {
    const run = (args, input) =>
      execFileSync("git", args, {
        cwd: this.#root,
        env: this.#env,
        input,
        stdio: ["pipe", "ignore", "ignore"],
      });
    run(["init", "--quiet", "--initial-branch=main"]);
    run(["fast-import", "--quiet"], Buffer.concat(this.#stream.map((part) => Buffer.from(part))));
    run(["reset", "--quiet"]);
  }
}

function data(bytes) {
  return [`data ${bytes.length}\n`, bytes, "\n"];
}

const WORDS = "deploy the new version of shop to web1 after backup and say when it answers again".split(" ");

function words(seed, count) {
  return Array.from({ length: count }, (_, i) => WORDS[(seed * 7 + i * i + (i >> 3)) % WORDS.length]).join(
    " ",
  );
}

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

function idAt(time, seed) {
  const stamp = new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  let number = (seed * 2_654_435_761) % 2 ** 40;
  let suffix = "";
  for (let i = 0; i < 8; i += 1) {
    suffix += CROCKFORD[number % 32];
    number = Math.floor(number / 32);
  }
  return `${stamp}Z-${suffix}`;
}

function writeMemos(write, history, { memos, perCommit }) {
  for (let at = 0; at < memos; at += perCommit) {
    const some = Array.from({ length: Math.min(perCommit, memos - at) }, (_, i) => memo(at + i));
    history.commit(
      "Take in mail",
      some.map(({ incoming, text }) => [incoming, Buffer.from(text)]),
    );
    history.commit(
      "Done",
      some.map(({ archived, finished }) => write(archived, finished)),
      some.map(({ incoming }) => incoming),
    );
  }
}

/** About a kilobyte, as people write them. */
function memo(number) {
  const time = BEGIN + number * 20 * MINUTE;
  const id = idAt(time, number);
  const name = `${id}-work-item-${number}.md`;
  const date = `${new Date(time).toISOString().slice(0, 19)}Z`;
  const front = `---\nid: ${id}\nfrom: developer@shop\nto: sysadmin@infra\ndate: ${date}\npriority: normal\ntype: request\nsubject: Work item ${number}\n---\n`;
  const paragraphs = [1, 2, 3].map((i) => `${words(number + i, 45)}.\n`).join("\n");
  const text = `${front}\n## Context\n\n${paragraphs}\n## Action items\n\n- [ ] ${words(number, 6)}\n- [ ] ${words(number + 5, 7)}\n\n## Completion\n`;
  const notes = `\n- By: sysadmin@infra\n- Date: ${date}\n- Done: ${words(number, 20)}\n`;
  return {
    incoming: `memos/incoming/${name}`,
    archived: `memos/archived/${date.slice(0, 7)}/${name}`,
    text,
    finished: `${text.replaceAll("- [ ]", "- [x]")}${notes}`,
  };
}

export function makeKey(directory, env) {
  const key = join(directory, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", key]);
  addSigner(trustPaths(env), ADA, readFileSync(`${key}.pub`, "utf8"));
  return key;
}

/** Signs all files in one run of ssh-keygen; the signatures lie beside them. */
export function signFiles(key, namespace, files) {
  for (let at = 0; at < files.length; at += 500) {
    const some = files.slice(at, at + 500);
    execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", key, "-n", namespace, ...some], {
      stdio: "ignore",
    });
  }
}

async function writeRunbooks(place, history, { runbooks, perCommit }) {
  const { root, env, write, key } = place;
  const project = loadProject(root);
  const source = projectSource(project);
  const signed = (path) => [path, readFileSync(join(root, path))];
  const all = [];
  for (let number = 0; number < runbooks; number += 1) {
    const time = BEGIN + number * 700 * MINUTE;
    const id = idAt(time, number);
    const folder = `runbooks/${id}`;
    const document = write(
      `${folder}/runbook.md`,
      compileRunbook(runbookText(id, number), `${folder}/runbook.md`, source),
    );
    const loaded = loadRunbook(project, id);
    const { content } = await readCurrentContent(project, loaded, env);
    const nonce = idAt(time + MINUTE, number);
    const statement = formatStatement({
      ...{ statement: STATEMENT_VERSION, decision: "approve", nonce, uses: 1, approver: ADA },
      created: new Date(time + MINUTE).toISOString(),
      expires: new Date(time + 600 * MINUTE).toISOString(),
      base: "none",
      ...content,
    });
    const approval = write(`${folder}/approvals/${nonce}.yaml`, statement);
    const start = { time: time + 2 * MINUTE, loaded, nonce, statement, content };
    const walk = write(`${folder}/records/${idAt(start.time, number)}.jsonl`, walkLines(start));
    const verification = write(
      `${folder}/records/verify-${idAt(start.time + 10 * MINUTE, number)}.jsonl`,
      verificationLines(start, idAt(start.time, number)),
    );
    const names = [walk, verification].map(([path]) => /([^/]+)\.jsonl$/.exec(path)[1]);
    const records = names.map((name) => readRecord(loaded.folder, name));
    const report = write(
      `${folder}/record.md`,
      drawRecord(loaded.runbook, records.slice(0, 1), records.slice(1)),
    );
    const seal = write(
      `${folder}/seal.yaml`,
      formatSeal({
        runbook: { id, sha256: loaded.sha256 },
        outcome: "completed",
        records: records.map((record) => ({
          name: record.id,
          lines: record.events.length,
          head: record.head,
        })),
        closer: ADA,
        created: new Date(start.time + 20 * MINUTE).toISOString(),
      }),
    );
    all.push({ document, approval, walk, verification, report, seal });
  }
  const paths = (kind) => all.map((one) => join(root, one[kind][0]));
  signFiles(key, APPROVAL_NAMESPACE, paths("approval"));
  signFiles(key, RECORD_NAMESPACE, paths("seal"));
  for (let at = 0; at < all.length; at += perCommit) {
    const some = all.slice(at, at + perCommit);
    history.commit(
      "Write runbooks",
      some.map(({ document }) => document),
    );
    history.commit(
      "Approve runbooks",
      some.flatMap(({ approval }) => [approval, signed(`${approval[0]}.sig`)]),
    );
    history.commit(
      "Walk runbooks: stopped",
      some.map(({ walk: [path, bytes] }) => [
        path,
        bytes.subarray(0, bytes.indexOf(10, bytes.length >> 1) + 1),
      ]),
    );
    history.commit(
      "Walk runbooks: completed",
      some.map(({ walk }) => walk),
    );
    history.commit(
      "Close runbooks",
      some.flatMap(({ verification, report, seal }) => [
        verification,
        report,
        seal,
        signed(`${seal[0]}.sig`),
      ]),
    );
  }
}

function runbookText(id, number) {
  const steps = [1, 2, 3].map((step) =>
    [
      `### ${step}. ${words(number + step, 4)}`,
      `\`\`\`sh run host=here\nprintf '%s\\n' ${words(number * step, 8)} >>/tmp/letters\n\`\`\``,
      "```sh check host=here\ntest -s /tmp/letters\n```",
      "```sh rollback host=here\nrm -f /tmp/letters\n```",
    ].join("\n\n"),
  );
  return `---\nid: ${id}\ntitle: Deploy ${number}\nauthor: sysadmin@infra\nhosts: [here]\n---\n\n## Summary\n\n${words(number, 40)}.\n\n## Steps\n\n${steps.join("\n\n")}\n\n## Verification\n\n\`\`\`sh check host=here\ntrue\n\`\`\`\n`;
}

function startLine({ loaded, nonce, statement }, more = {}) {
  return {
    ...{ event: "start", runbook: loaded.runbook.id, sha256: loaded.sha256, approval: nonce },
    ...{ statement: sha256(statement), approver: ADA, mode: "ssh", operator: ADA, head: "none", ...more },
  };
}

const RESULT = { exit: 0, stdout: "", stderr: "", reported: "host" };

function walkLines(start) {
  const { loaded, content } = start;
  const lock = content.hosts[0]?.lock ?? LOCK;
  const events = [
    startLine(start),
    { event: "locked", host: "here", by: "local", command: lock, account: "ada" },
    ...loaded.runbook.steps.flatMap(({ number: step, run }) => [
      {
        event: "started",
        step,
        kind: "run",
        host: "here",
        by: "local",
        command: hashCommand({ ...run, host: "here" }),
        bytes: LOCK,
      },
      { event: "finished", step, kind: "run", outcome: "ok", ...RESULT, stdout: words(step, 30) },
      { event: "checked", step, index: 0, ok: true, attempts: 1, ...RESULT },
    ]),
    { event: "unlocked", host: "here", outcome: "released" },
    { event: "completed" },
  ];
  return chain(events, start.time);
}

function verificationLines(start, walk) {
  const [check] = start.loaded.runbook.verification;
  const events = [
    startLine(start, { walk }),
    {
      event: "started",
      step: 1,
      kind: "check",
      host: "here",
      by: "local",
      command: hashCommand({ ...check, host: "here" }),
      bytes: LOCK,
    },
    { event: "checked", step: 1, index: 0, ok: true, attempts: 1, ...RESULT },
    { event: "verified", ok: true, judged: "checks" },
  ];
  return chain(events, start.time + 10 * MINUTE);
}

/** Lines as record.ts writes them, without waiting for the disk after each. */
function chain(events, time) {
  let prev = "0".repeat(64);
  return events
    .map((event, seq) => {
      const rest = {
        seq,
        time: new Date(time + seq * 1000).toISOString(),
        ...recordEventSchema.parse(event),
        prev,
      };
      prev = sha256(JSON.stringify(rest));
      return `${JSON.stringify({ ...rest, hash: prev })}\n`;
    })
    .join("");
}

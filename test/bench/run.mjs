// Speed as ratios within one run: each round runs every command once, in turn, so that a noisy neighbour slows all
// of them alike; the median over the rounds counts. `npm run bench`, ROUNDS=… for more of them.
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROUNDS = Number(process.env.ROUNDS ?? 21);
const bin = resolve("bin/vibeops.js");
const directory = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-bench-")));
const env = {
  PATH: process.env.PATH,
  HOME: directory,
  GIT_AUTHOR_NAME: "Bench",
  GIT_AUTHOR_EMAIL: "bench@example.com",
  GIT_COMMITTER_NAME: "Bench",
  GIT_COMMITTER_EMAIL: "bench@example.com",
};

function makeProject(name, pending) {
  const root = join(directory, name);
  mkdirSync(join(root, "memos/incoming"), { recursive: true });
  writeFileSync(
    join(root, "vibeops.yaml"),
    `project: ${name}\nagents: { developer: { provider: builtin } }\n`,
  );
  for (let i = 0; i < pending; i += 1) writeMemo(root, name, i);
  const git = (...args) => execFileSync("git", args, { cwd: root, env });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "-m", "Start");
  return root;
}

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

function writeMemo(root, name, i) {
  const suffix = Array.from(randomBytes(8), (byte) => CROCKFORD[byte % 32]).join("");
  const second = new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  const id = `${second}Z-${suffix}`;
  const front = `---\nid: ${id}\nfrom: developer@${name}\nto: developer@${name}\npriority: normal\ntype: request\nsubject: Work item ${i}\n---\n`;
  const body =
    "\n## Context\n\nSome words about what is wanted and why.\n\n## Action items\n\n- [ ] One\n- [x] Two\n\n## Completion\n";
  writeFileSync(join(root, "memos/incoming", `${id}-work-item-${i}.md`), front + body);
}

function run(args, cwd) {
  const start = process.hrtime.bigint();
  const result = spawnSync(process.execPath, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0) throw new Error(`${args.join(" ")}: ${result.stderr}`);
  return time;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

// Its own, because `memo new` adds to the others with each round.
const listed = makeProject("listed", 10);
const small = makeProject("small", 10);
const large = makeProject("large", 10_000);
const memo = (project) => [
  bin,
  "memo",
  "new",
  "Bench",
  "--to",
  project,
  "--body",
  "Words.",
  "--item",
  "Do it",
];
const commands = {
  node: () => run(["-e", "0"], small),
  version: () => run([bin, "--version"], small),
  list: () => run([bin, "memo", "list"], listed),
  newSmall: () => run(memo("small"), small),
  newLarge: () => run(memo("large"), large),
};
const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, measure] of Object.entries(commands)) times[name].push(measure());
}
rmSync(directory, { recursive: true, force: true });

const at = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
const rows = [
  ["vibeops --version / node -e 0", at.version / at.node, 1.3],
  ["memo list, 10 pending / node -e 0", at.list / at.node, 2],
  ["memo new, 10,000 pending / 10 pending", at.newLarge / at.newSmall, 1.2],
];
for (const [what, ratio, bound] of rows) {
  console.log(
    `${what.padEnd(40)} ${ratio.toFixed(2)}   (at most ${bound}) ${ratio <= bound ? "ok" : "TOO SLOW"}`,
  );
}
console.log(
  `medians in ms over ${ROUNDS} rounds: ${Object.entries(at)
    .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
    .join(", ")}`,
);
process.exitCode = rows.every(([, ratio, bound]) => ratio <= bound) ? 0 : 1;
await import("./status.mjs");

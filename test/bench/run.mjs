// Speed as ratios within one run: each round runs every command of a group once, in turn, so that a noisy neighbour
// slows all of them alike; the median over the rounds counts. `npm run bench`, ROUNDS=… for more of them;
// `npm run bench -- search status` takes just these rows; `--with-backlog` installs npm's backlog.md into a temporary folder and compares with it.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { directory, env, makeBacklog, makeProject, writeProject } from "./fixtures.mjs";
import { median } from "./measure.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 21);
const FEW = Math.max(3, Math.ceil(ROUNDS / 4));
const withBacklog = process.argv.includes("--with-backlog");
const bin = resolve("bin/vibeops.js");

/** Milliseconds and, for the memory, the most that it held. */
function run(program, args, cwd) {
  const start = process.hrtime.bigint();
  const result = spawnSync(program, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.error ?? result.stderr}`);
  return { time, stderr: String(result.stderr) };
}

const vibeops =
  (root, ...args) =>
  () =>
    run(process.execPath, [bin, ...args], root).time;

/** Medians by the names of the commands. */
function measure(rounds, commands) {
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (const command of Object.values(commands)) command();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, command] of Object.entries(commands)) times[name].push(command());
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
}

/** The most memory in MB that a command of ours held. */
function memoryOf(root, ...args) {
  const probe = join(directory, "probe.cjs");
  writeFileSync(
    probe,
    `process.on("exit", () => require("node:fs").writeSync(2, \`\${process.resourceUsage().maxRSS}\\n\`));`,
  );
  return Number(run(process.execPath, ["--require", probe, bin, ...args], root).stderr) / 1024;
}

const results = [];
const report = (what, value, bound, at, isOk = value <= bound) => {
  const least = isOk === value <= bound ? "at most" : "at least";
  results.push(isOk);
  console.log(
    `${what.padEnd(62)} ${value.toFixed(2).padStart(7)}   (${least} ${bound}) ${isOk ? "ok" : "MISSED"}`,
  );
  if (at !== undefined)
    console.log(
      `  ${Object.entries(at)
        .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
        .join(", ")}`,
    );
};

function start() {
  const small = makeProject({ name: "small", pending: 10 });
  const at = measure(ROUNDS, {
    node: () => run(process.execPath, ["-e", "0"], small).time,
    version: vibeops(small, "--version"),
    list: vibeops(small, "memo", "list"),
  });
  report("vibeops --version / node -e 0", at.version / at.node, 1.3);
  report("memo list, 10 pending / node -e 0", at.list / at.node, 2, at);
}

function lists(large, backlog) {
  const reader = join(directory, "reader.mjs");
  writeFileSync(
    reader,
    'import { readdirSync, readFileSync } from "node:fs";\nprocess.chdir("memos/incoming");\nfor (const name of readdirSync(".")) readFileSync(name);\n',
  );
  const broken = writeProject({ name: "broken", broken: 10_000 });
  const at = measure(Math.ceil(ROUNDS / 2), {
    reader: () => run(process.execPath, [reader], large).time,
    list: vibeops(large, "memo", "list"),
    broken: vibeops(broken, "memo", "list"),
  });
  report("memo list, 10,000 pending / a program that reads the files", at.list / at.reader, 2.5, at);
  if (backlog === null) return;
  const with_ = measure(3, {
    list: vibeops(large, "memo", "list"),
    backlog: () => run(backlog.program, ["task", "list", "--plain"], backlog.root).time,
  });
  const times = with_.backlog / with_.list;
  report("backlog task list, 10,000 / memo list, 10,000", times, 12, with_, times >= 12);
}

function news(empty, large, full, backlog) {
  const letter = ["--body", "Words.", "--item", "Do it"];
  const at = measure(ROUNDS, {
    empty: vibeops(empty, "memo", "new", "Bench", "--to", "empty", ...letter),
    large: vibeops(large, "memo", "new", "Bench", "--to", "large", ...letter),
    full: vibeops(full, "memo", "new", "Bench", "--to", "full", ...letter),
  });
  report("memo new, 10,000 pending / empty", at.large / at.empty, 1.2);
  report("memo new, 10,000 pending and 100,000 archived / empty", at.full / at.empty, 1.6, at);
  if (backlog === null) return;
  const with_ = measure(3, {
    new: vibeops(large, "memo", "new", "Bench", "--to", "large", ...letter),
    backlog: () =>
      run(backlog.program, ["task", "create", "Bench", "-d", "Words.", "--ac", "Do it"], backlog.root).time,
  });
  const times = with_.backlog / with_.new;
  report("backlog task create, 10,000 / memo new, 10,000", times, 20, with_, times >= 20);
}

function searches(full) {
  try {
    run("rg", ["--version"], full);
  } catch {
    console.log("memo search: not measured, since rg (ripgrep) is not installed");
    return;
  }
  const at = measure(FEW, {
    node: () => run(process.execPath, ["-e", "0"], full).time,
    rg: () => run("rg", ["-l", "certificate", "memos/archived"], full).time,
    search: vibeops(full, "memo", "search", "certificate"),
    git: () => run("git", ["grep", "-il", "--untracked", "certificate"], full).time,
  });
  report("memo search, 100,000 archived / rg -l and node -e 0", at.search / (at.rg + at.node), 2.5, at);
}

function sessions() {
  const root = makeProject({ name: "session", pending: 1_000, sentCopies: true, commits: 5_000 });
  const at = measure(ROUNDS, {
    node: () => run(process.execPath, ["-e", "0"], root).time,
    session: vibeops(root, "session", "start"),
  });
  report("session start, 1,000 pending, 5,000 commits / node -e 0", at.session / at.node, 4, at);
}

function memory(full) {
  const many = writeProject({ name: "many", pending: 100_000 });
  report("MB, memo list, 100,000 pending", memoryOf(many, "memo", "list"), 250);
  report("MB, memo list --json, 100,000 pending", memoryOf(many, "memo", "list", "--json"), 250);
  const args = ["memo", "list", "--archived", "--limit", "0"];
  report("MB, memo list --archived --limit 0, 100,000 archived", memoryOf(full, ...args), 250);
}

const projects = new Map();
/** A project of the rows, made when the first of them wants it. */
const project = (options, make = makeProject) => {
  if (!projects.has(options.name)) projects.set(options.name, make(options));
  return projects.get(options.name);
};
const large = () => project({ name: "large", pending: 10_000 });
const full = () => project({ name: "full", pending: 10_000, archived: 100_000 });
const backlog = () => (withBacklog ? project({ name: "backlog", tasks: 10_000 }, makeBacklog) : null);

const rows = {
  start,
  list: () => lists(large(), backlog()),
  new: () => news(project({ name: "empty" }), large(), full(), backlog()),
  search: () => searches(full()),
  session: sessions,
  status: () => import("./status.mjs"),
  gate: () => import("./gate.mjs"),
  memory: () => memory(full()),
};

try {
  const asked = process.argv.slice(2).filter((name) => name in rows);
  for (const name of asked.length === 0 ? Object.keys(rows) : asked) await rows[name]();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.log(`medians over ${ROUNDS} rounds, fewer where it takes long`);
if (!results.every(Boolean)) process.exitCode = 1;

// `audit verify` against the time that reading and hashing the same files takes in one plain Node program, for 1,000
// runbooks and 50,000 archived memos and for a quarter of that: node test/bench/audit.mjs, after npm run build. It
// takes some minutes, so `npm run bench` leaves it out. ROUNDS=… for more rounds, SIZE=0.1 for less of everything.
//
// The signature calls are apart: what is bounded runs with a program in the place of ssh-keygen that says yes to
// everything and costs next to nothing; what they cost is shown beside it. Elapsed time counts where nothing else runs
// on the machine; the processor time of the main thread is the second opinion.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { rolldown } from "rolldown";

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SIZE = Number(process.env.SIZE ?? 1);
const BOUND = 3;
const bin = resolve("bin/vibeops.js");
const directory = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-bench-")));

const READ_AND_HASH = `
const { createHash } = require("node:crypto");
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const walk = (folder) => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path);
    else createHash("sha256").update(readFileSync(path)).digest("hex");
  }
};
walk("memos");
walk("runbooks");
`;

/** Tells on its way out how long the main thread ran; where the system does not say so, nothing. */
const TELL_MAIN_THREAD = `
process.on("exit", () => {
  try {
    const [ran] = require("node:fs").readFileSync("/proc/self/task/" + process.pid + "/schedstat", "utf8").split(" ");
    require("node:fs").writeSync(2, "\\nmain thread " + Number(ran) / 1e6);
  } catch {}
});
`;

async function loadFixture() {
  const bundle = await rolldown({
    input: "test/bench/audit-fixture.mjs",
    platform: "node",
    logLevel: "silent",
  });
  const file = join(directory, "fixture.mjs");
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
  return await import(file);
}

function run(args, { root, env }) {
  const start = process.hrtime.bigint();
  const result = spawnSync(process.execPath, ["-r", preload, ...args], { cwd: root, env, encoding: "utf8" });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0) throw new Error(`${args.join(" ")}: ${result.stdout}${result.stderr}`);
  return { elapsed, main: Number(/main thread ([\d.]+)/.exec(result.stderr)?.[1] ?? Number.NaN) };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

const preload = join(directory, "preload.cjs");
writeFileSync(preload, TELL_MAIN_THREAD);
const program = join(directory, "read-and-hash.cjs");
writeFileSync(program, READ_AND_HASH);
const quick = join(directory, "quick");
mkdirSync(quick);
symlinkSync("/bin/true", join(quick, "ssh-keygen"));

const { makeWorkspace } = await loadFixture();
const rows = [];
for (const part of [1 / 4, 1]) {
  const size = { memos: 50_000 * SIZE * part, runbooks: 1_000 * SIZE * part, perCommit: 500 };
  const folder = join(directory, `size-${part}`);
  mkdirSync(folder);
  const place = await makeWorkspace(folder, size);
  const unsigned = { ...place, env: { ...place.env, PATH: `${quick}${delimiter}${place.env.PATH}` } };
  const audit = [bin, "audit", "verify"];
  const times = { read: [], audit: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.read.push(run([program], place));
    times.audit.push(run(audit, unsigned));
  }
  const at = (kind, of) => median(times[kind].map((time) => time[of]));
  rows.push({
    what: `${size.runbooks} runbooks, ${size.memos} memos`,
    elapsed: at("audit", "elapsed") / at("read", "elapsed"),
    main: at("audit", "main") / at("read", "main"),
    read: at("read", "elapsed"),
    audit: at("audit", "elapsed"),
    signed: run(audit, place).elapsed,
  });
}
rmSync(directory, { recursive: true, force: true });

for (const { what, elapsed, main, read, audit, signed } of rows) {
  console.log(
    `${what.padEnd(32)} ${elapsed.toFixed(2)} × reading and hashing (at most ${BOUND}) ${elapsed <= BOUND ? "ok" : "TOO SLOW"}; ` +
      `main thread ${main.toFixed(2)} ×; in ms: read ${read.toFixed(0)}, audit ${audit.toFixed(0)}, with signatures ${signed.toFixed(0)}`,
  );
}
const [quarter, whole] = rows;
console.log(`four times the size takes ${(whole.audit / quarter.audit).toFixed(2)} times as long`);
process.exitCode = whole.elapsed <= BOUND ? 0 : 1;

// `audit verify` against the time that reading and hashing the same files takes in one plain Node program, for 1,000
// runbooks and 50,000 archived memos and for a quarter of that: node test/bench/audit.mjs, after npm run build. It
// takes some minutes, so `npm run bench` leaves it out. ROUNDS=… for more rounds, SIZE=0.1 for less of everything.
//
// The signature calls are apart: what is bounded runs with a program in the place of the shell that starts ssh-keygen for
// each signature, which says yes to all of them and starts nothing. Nothing is subtracted: on a second core the calls
// run beside other work, and what they take there is not what an audit would save without them. What it takes with them
// is shown beside it: with a program in the place of ssh-keygen that does nothing, and with ssh-keygen itself.
//
// Elapsed time counts where nothing else runs on the machine; the processor time of the main thread is the second
// opinion. An audit keeps two cores busy, so this machine's number of cores is told.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { importFixture, median } from "./measure.mjs";

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

/** As many yeses as there are signatures, each of which comes in five words after six: see VERIFY_EACH in sign.ts. */
const YES_TO_EACH = `#!/bin/sh
shift 6
while [ $# -gt 0 ]; do echo good; shift 5; done
`;

/** Tells on its way out how long the main thread ran; where the system does not say so, nothing. */
const TELL_MAIN_THREAD = `
if (require("node:worker_threads").isMainThread) process.on("exit", () => {
  try {
    const [ran] = require("node:fs").readFileSync("/proc/self/task/" + process.pid + "/schedstat", "utf8").split(" ");
    require("node:fs").writeSync(2, "\\nmain thread " + Number(ran) / 1e6);
  } catch {}
});
`;

function run(args, { root, env }) {
  const start = process.hrtime.bigint();
  const result = spawnSync(process.execPath, ["-r", preload, ...args], { cwd: root, env, encoding: "utf8" });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0) throw new Error(`${args.join(" ")}: ${result.stdout}${result.stderr}`);
  return { elapsed, main: Number(/main thread ([\d.]+)/.exec(result.stderr)?.[1] ?? Number.NaN) };
}

const preload = join(directory, "preload.cjs");
writeFileSync(preload, TELL_MAIN_THREAD);
const program = join(directory, "read-and-hash.cjs");
writeFileSync(program, READ_AND_HASH);
const apart = join(directory, "apart");
mkdirSync(apart);
writeFileSync(join(apart, "sh"), YES_TO_EACH, { mode: 0o755 });
const quick = join(directory, "quick");
mkdirSync(quick);
symlinkSync("/bin/true", join(quick, "ssh-keygen"));

const { makeWorkspace } = await importFixture("test/bench/audit-fixture.mjs", directory);
const rows = [];
for (const part of [1 / 4, 1]) {
  const size = { memos: 50_000 * SIZE * part, runbooks: 1_000 * SIZE * part, perCommit: 500 };
  const folder = join(directory, `size-${part}`);
  mkdirSync(folder);
  const place = await makeWorkspace(folder, size);
  const withPrograms = (folder) => ({
    ...place,
    env: { ...place.env, PATH: `${folder}${delimiter}${place.env.PATH}` },
  });
  const audit = [bin, "audit", "verify"];
  const times = { read: [], audit: [], called: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.read.push(run([program], place));
    times.audit.push(run(audit, withPrograms(apart)));
    times.called.push(run(audit, withPrograms(quick)));
  }
  const at = (kind, of) => median(times[kind].map((time) => time[of]));
  rows.push({
    what: `${size.runbooks} runbooks, ${size.memos} memos`,
    elapsed: at("audit", "elapsed") / at("read", "elapsed"),
    main: at("audit", "main") / at("read", "main"),
    read: at("read", "elapsed"),
    audit: at("audit", "elapsed"),
    called: at("called", "elapsed"),
    signed: run(audit, place).elapsed,
  });
}
rmSync(directory, { recursive: true, force: true });

console.log(`${ROUNDS} rounds, ${availableParallelism()} cores`);
for (const { what, elapsed, main, read, audit, called, signed } of rows) {
  const verdict = elapsed <= BOUND ? "ok" : "TOO SLOW";
  const times = (time) => `${time.toFixed(0)} ms (${(time / read).toFixed(2)} ×)`;
  console.log(`${what}; reading and hashing them takes ${read.toFixed(0)} ms`);
  console.log(
    `  signature calls apart     ${times(audit)}, at most ${BOUND} × ${verdict}; main thread ${main.toFixed(2)} ×`,
  );
  console.log(`  calls to a stand-in       ${times(called)}`);
  console.log(`  ssh-keygen itself, once   ${times(signed)}`);
}
const [quarter, whole] = rows;
console.log(`four times the size takes ${(whole.audit / quarter.audit).toFixed(2)} times as long`);
process.exitCode = whole.elapsed <= BOUND ? 0 : 1;

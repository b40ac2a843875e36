// What the gate costs before a walk: finding an approval, verifying it and showing every step, against `node -e 0`, in
// turn, medians, as run.mjs does. `node test/bench/gate.mjs`, ROUNDS=… for more of them.
//
// The signature calls are apart: what is bounded runs with a program in the place of ssh-keygen that says yes and costs
// next to nothing; what they cost is shown beside it. So is what gate-floor.cjs takes, which judges nothing.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { importFixture, median } from "./measure.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 21);
const BOUND = 2;
const bin = resolve("bin/vibeops.js");
const floor = resolve("test/bench/gate-floor.cjs");
const directory = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-bench-gate-")));

function run(args, { root, env }) {
  const begun = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
  const time = Number(process.hrtime.bigint() - begun) / 1e6;
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stdout}${stderr}`);
  return time;
}

try {
  const { makeApproved } = await importFixture("test/bench/gate-fixture.mjs", directory);
  const place = await makeApproved(directory);
  const quick = join(directory, "quick");
  mkdirSync(quick);
  symlinkSync("/bin/true", join(quick, "ssh-keygen"));
  const unsigned = { ...place, env: { ...place.env, PATH: `${quick}${delimiter}${place.env.PATH}` } };
  const walk = [bin, "runbook", "run", place.id, "--dry-run"];
  const commands = {
    node: () => run(["-e", "0"], place),
    floor: () => run([floor, place.id], unsigned),
    gate: () => run(walk, unsigned),
    signed: () => run(walk, place),
  };
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (const command of Object.values(commands)) command();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, command] of Object.entries(commands)) times[name].push(command());
  }
  const [node, least, gate, signed] = Object.values(times).map(median);
  const ratio = gate / node;
  const what = "runbook run --dry-run, approved / node -e 0";
  const verdict = ratio <= BOUND ? "ok" : "TOO SLOW";
  console.log(`${what.padEnd(44)} ${ratio.toFixed(2)}   (at most ${BOUND}) ${verdict}`);
  console.log(`${"the same files and programs, nothing judged".padEnd(44)} ${(least / node).toFixed(2)}`);
  console.log(
    `in ms: node -e 0 ${node.toFixed(0)}, gate ${gate.toFixed(0)}, with ssh-keygen ${signed.toFixed(0)}`,
  );
  if (ratio > BOUND) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

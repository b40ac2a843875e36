// `status --all` over 44 projects with 50 pending memos each, against `node -e 0`: in turn, medians, as run.mjs does.
// By itself: node test/bench/status.mjs, ROUNDS=… for more of them.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "./measure.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 21);
const PROJECTS = 44;
const PENDING = 50;
const MOST = 3;
const bin = resolve("bin/vibeops.js");
const directory = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-bench-status-")));
const env = { PATH: process.env.PATH, HOME: directory };
const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

function makeProject(root, name) {
  mkdirSync(join(root, "memos/incoming"), { recursive: true });
  writeFileSync(
    join(root, "vibeops.yaml"),
    `project: ${name}\nagents: { developer: { provider: builtin } }\n`,
  );
  writeFileSync(join(root, "STATE.md"), "# State\n\n## Current status\n\nAll is well.\n\n## Next actions\n");
  for (let i = 0; i < PENDING; i += 1) writeMemo(root, name, i);
}

function writeMemo(root, name, i) {
  const suffix = Array.from(randomBytes(8), (byte) => CROCKFORD[byte % 32]).join("");
  const time = new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString().slice(0, 19);
  const id = `${time.replaceAll(/[-:]/g, "")}Z-${suffix}`;
  const lines = [
    ...["---", `id: ${id}`, `from: developer@${name}`, `to: developer@${name}`, `date: ${time}Z`],
    ...["priority: normal", "type: request", `subject: Work item ${i}`, "---", "", "## Context", ""],
    ...["Some words about what is wanted and why.", "", "## Action items", "", "- [ ] One", "- [x] Two", ""],
  ];
  writeFileSync(join(root, "memos/incoming", `${id}-work-item-${i}.md`), lines.join("\n"));
}

function run(...args) {
  const start = process.hrtime.bigint();
  const result = spawnSync(process.execPath, args, {
    cwd: directory,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const time = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0) throw new Error(`${args.join(" ")}: ${result.stderr}`);
  return { time, text: String(result.stdout) };
}

try {
  for (let i = 0; i < PROJECTS; i += 1) makeProject(join(directory, `work/project-${i}`), `project-${i}`);
  run(bin, "projects", "scan", "work", "--yes");
  // What changed just now is not kept in the cache.
  await sleep(2_500);
  const cold = run(bin, "status", "--all").time;
  const { result } = JSON.parse(run(bin, "status", "--all", "--json").text);
  const pending = result.projects.reduce((sum, project) => sum + project.pending.normal, 0);
  if (pending !== PROJECTS * PENDING) throw new Error(`status counts ${pending} memos`);
  const times = { node: [], status: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.node.push(run("-e", "0").time);
    times.status.push(run(bin, "status", "--all").time);
  }
  const node = median(times.node);
  const ratio = median(times.status) / node;
  const what = "status --all, 44 projects / node -e 0";
  const verdict = ratio <= MOST ? "ok" : "TOO SLOW";
  console.log(`${what.padEnd(40)} ${ratio.toFixed(2)}   (at most ${MOST}) ${verdict}`);
  console.log(`without its cache, once: ${(cold / node).toFixed(2)} times node -e 0 (${node.toFixed(1)} ms)`);
  if (ratio > MOST) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

// `scan` over a repository of 100,000 files, against one `git ls-files` and one `git grep` and `node -e 0` in the same
// round: in turn, medians, and processor time beside the clock. By itself: node test/bench/scan.mjs, FILES=… ROUNDS=…
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { median } from "./measure.mjs";

const FILES = Number(process.env.FILES ?? 100_000);
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const MOST = 3;
const bin = resolve("bin/vibeops.js");
const home = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-bench-scan-")));
const directory = join(home, "repo");
const env = { PATH: process.env.PATH, HOME: home };

function makeRepository() {
  const words = "export function add(one, other) {\n  return one + other; // what it says\n}\n".repeat(12);
  for (let i = 0; i < FILES; i += 1) {
    const folder = join(directory, `src/part${i % 200}/step${Math.floor(i / 200) % 20}`);
    if (i < 4_000) mkdirSync(folder, { recursive: true });
    const read = i % 500 === 0 ? `const value = process.env.SETTING_${i};\n` : "";
    writeFileSync(
      join(folder, `file${i}.${["ts", "py", "go", "md", "json"][i % 5]}`),
      `${read}// ${i}\n${words}`,
    );
  }
  writeFileSync(
    join(directory, "package.json"),
    '{"name":"shop","version":"1.2.0","dependencies":{"pg":"8"}}\n',
  );
  writeFileSync(join(directory, "Dockerfile"), "FROM node:20.19\nEXPOSE 3000\n");
  writeFileSync(join(directory, "compose.yaml"), "services:\n  shop:\n    build: .\n    ports: ['3000']\n");
  const git = (...args) => execFileSync("git", args, { cwd: directory, env, stdio: "ignore" });
  git("init", "--quiet");
  git("add", ".");
  git("-c", "user.name=Bench", "-c", "user.email=bench@example.com", "commit", "--quiet", "-m", "All");
}

function run(...args) {
  const { status, stderr, stdout } = spawnSync(process.execPath, args, {
    cwd: directory,
    env,
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return String(stdout);
}

/** Milliseconds by the clock, and of the processors with all that was started: a shell says both. */
function runTimed(command) {
  const script = `TIMEFORMAT='%R %U %S'; time { ${command} >/dev/null; }`;
  const { status, stderr } = spawnSync("bash", ["-c", script], { cwd: directory, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  const [real, user, system] = stderr.trim().split(/\s+/).slice(-3).map(Number);
  return { clock: real * 1_000, used: (user + system) * 1_000 };
}

try {
  makeRepository();
  const { result } = JSON.parse(run(bin, "scan", "--json"));
  if (result.block.service !== "shop" || result.block.ports[0].container !== 3000)
    throw new Error("a wrong scan");
  const base = { clock: [], used: [] };
  const scan = { clock: [], used: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const parts = [
      runTimed("git ls-files -z"),
      runTimed("git grep -n process.env"),
      runTimed(`"${process.execPath}" -e 0`),
    ];
    const whole = runTimed(`"${process.execPath}" "${bin}" scan --json`);
    for (const kind of ["clock", "used"]) {
      base[kind].push(parts.reduce((sum, part) => sum + part[kind], 0));
      scan[kind].push(whole[kind]);
    }
  }
  for (const kind of ["clock", "used"]) {
    const ratio = median(scan[kind]) / median(base[kind]);
    const what = `scan of ${FILES} files / ls-files + grep + node, ${kind === "clock" ? "time" : "user + system"}`;
    console.log(
      `${what.padEnd(68)} ${ratio.toFixed(2)}   (at most ${MOST}) ${ratio <= MOST ? "ok" : "TOO SLOW"}`,
    );
    if (ratio > MOST) process.exitCode = 1;
  }
  console.log(`scan ${median(scan.clock).toFixed(0)} ms, the three ${median(base.clock).toFixed(0)} ms`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

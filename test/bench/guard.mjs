// What the guard costs an agent before each command, as a ratio within one run: each round runs every command once, in
// turn; the median over the rounds counts. `node test/bench/guard.mjs`, ROUNDS=… for more of them.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { median } from "./measure.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 41);
const BOUND = 1.5;
const bin = resolve("bin/vibeops.js");
const directory = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-bench-")));
const root = join(directory, "infra");
const env = { PATH: process.env.PATH, HOME: directory };

mkdirSync(root);
execFileSync("git", ["init", "--quiet"], { cwd: root, env });
execFileSync(process.execPath, [bin, "init", "--role", "sysadmin"], { cwd: root, env });
const hosts = Array.from({ length: 20 }, (_, i) => `  web${i}: { address: web${i}.example.com }\n`);
writeFileSync(join(root, "inventory.yaml"), `hosts:\n${hosts.join("")}`);

function event(tool, input) {
  const shared = { session_id: "bench", cwd: root, hook_event_name: "PreToolUse" };
  return JSON.stringify({ ...shared, tool_name: tool, tool_input: input });
}

const guard = [bin, "guard", "--hook", "claude"];
const commands = {
  node: [["-e", "0"], ""],
  local: [guard, event("Bash", { command: "npm run build 2>&1 | tail -20 && git status --short" })],
  live: [guard, event("Bash", { command: "cd deploy && ssh web3 'systemctl restart shop'" })],
  edit: [
    guard,
    event("Edit", { file_path: join(root, "deploy/shop/compose.yaml"), old_string: "a", new_string: "b" }),
  ],
};

function run([args, input]) {
  const begun = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env, input });
  const time = Number(process.hrtime.bigint() - begun) / 1e6;
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return time;
}

const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
for (const command of Object.values(commands)) run(command);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, command] of Object.entries(commands)) times[name].push(run(command));
}
rmSync(directory, { recursive: true, force: true });

const at = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
const ratios = ["local", "live", "edit"].map((name) => [name, at[name] / at.node]);
for (const [name, ratio] of ratios) {
  const verdict = ratio <= BOUND ? "ok" : "TOO SLOW";
  console.log(
    `${`guard, ${name} / node -e 0`.padEnd(40)} ${ratio.toFixed(2)}   (at most ${BOUND}) ${verdict}`,
  );
}
console.log(
  `medians in ms over ${ROUNDS} rounds: ${Object.entries(at)
    .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
    .join(", ")}`,
);
process.exitCode = ratios.every(([, ratio]) => ratio <= BOUND) ? 0 : 1;

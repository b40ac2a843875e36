// Writes a .cache beside each file of the command's bundle: what V8 made of it, for the Node.js that builds. The
// commands that run most often run first, in a project that is thrown away, so that the functions which they use are in
// it, and no others: each takes its time to come out again.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const require = createRequire(import.meta.url);
const { load } = require("../bin/vibeops.js");

const scripts = new Map();
const loadPart = (file) => load(file, (each, script) => scripts.set(each, script));

const bin = resolve("bin/vibeops.js");
const dist = resolve("dist");
const directory = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-compile-")));
try {
  await runCommands();
} catch (error) {
  // Only warmer or colder: the caches are made all the same.
  console.log(`compiled without having run: ${error.message}`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
for (const folder of [dist, join(dist, "parts")]) {
  for (const name of readdirSync(folder).filter((one) => one.endsWith(".cjs"))) {
    const file = join(folder, name);
    loadPart(file);
    writeFileSync(`${file}.cache`, scripts.get(file).createCachedData());
  }
}

async function runCommands() {
  process.env.HOME = directory;
  for (const name of ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"]) delete process.env[name];
  for (const role of ["AUTHOR", "COMMITTER"]) {
    process.env[`GIT_${role}_NAME`] = "Build";
    process.env[`GIT_${role}_EMAIL`] = "build@example.com";
  }
  process.chdir(directory);
  execFileSync("git", ["init", "--quiet"], { stdio: "ignore" });
  runApart("init", "--role", "sysadmin", "--name", "build", "--yes");
  writeFileSync(
    "inventory.yaml",
    `hosts:\n  here: { transport: local, tier: local, directory: ${directory}/host }\n`,
  );
  const block = "service: shop\nversion: 1.0.0\nartifacts: [{ image: shop@sha256:".concat(
    "0".repeat(64),
    " }]\n",
  );
  const body = `## Deployment\n\n\`\`\`yaml\n${block}\`\`\`\n\n## Action items\n\n- [ ] Deploy it\n`;
  await run("memo", "new", "Deploy shop", "--to", "build", "--type", "deployment", "--body", body);
  await run("memo", "list");
  await run("status", "--all");
  await run("session", "start");
  const { memos } = JSON.parse(await run("memo", "list", "--json")).result;
  runApart("prepare", memos[0].id, "--host", "here", "--yes");
  const { runbooks } = JSON.parse(await run("runbook", "list", "--json")).result;
  await run("runbook", "show", runbooks[0].id);
  await run("runbook", "run", runbooks[0].id, "--dry-run");
  await runGuard();
}

/** Twice, since the second time the facts of the project are known. */
async function runGuard() {
  const { answerHook } = loadPart(join(dist, "guard.cjs"));
  const commands = [
    "npm test && ls -la src | grep foo > out.txt",
    "ssh web1 uptime",
    "git add . && git commit -m x",
  ];
  const edit = { file_path: join(directory, "src/index.ts") };
  const uses = [
    ...commands.map((command) => ({ tool_name: "Bash", tool_input: { command } })),
    { tool_name: "Edit", tool_input: edit },
  ];
  for (const use of [...uses, ...uses]) {
    const event = { ...use, hook_event_name: "PreToolUse", cwd: directory };
    const { exit, stderr } = await answerHook("claude", JSON.stringify(event), {
      env: process.env,
      cwd: directory,
    });
    if (exit !== 0) throw new Error(stderr);
  }
}

/** One command in a process of its own, which leaves no functions here. */
function runApart(...args) {
  execFileSync(process.execPath, [bin, ...args], { stdio: ["ignore", "ignore", "pipe"] });
}

/** One command in this process; what it prints. */
async function run(...args) {
  const printed = [];
  const { stdout } = process;
  const write = stdout.write;
  stdout.write = (text) => printed.push(text) > 0;
  try {
    await loadPart(join(dist, "main.cjs")).main(args);
  } finally {
    stdout.write = write;
  }
  if (![0, 6].includes(process.exitCode))
    throw new Error(`vibeops ${args.join(" ")}: exit ${process.exitCode}`);
  process.exitCode = 0;
  return printed.join("");
}

// What nothing can undercut that verifies an approval by starting programs: reads and hashes the same files, starts the
// same two programs beside each other and prints a line for each file. For gate.mjs.
const { spawn } = require("node:child_process");
const { createHash } = require("node:crypto");
const { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const [id] = process.argv.slice(2);
const folder = join("runbooks", id);
const approvals = readdirSync(join(folder, "approvals")).map((name) => join(folder, "approvals", name));
const signers = join(process.env.HOME, ".config/vibeops/allowed_signers");
const files = ["vibeops.yaml", "inventory.yaml", join(folder, "runbook.md"), ...approvals, signers];
const hashes = files.map((file) => createHash("sha256").update(readFileSync(file)).digest("hex"));
const directory = mkdtempSync(join(tmpdir(), "vibeops-bench-floor-"));
const [statement] = approvals;
const signature = join(directory, "signature");
writeFileSync(signature, readFileSync(`${statement}.sig`));

function run(program, args, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args);
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.stdout.resume();
    child.stderr.resume();
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${program}: exit ${code}`))));
  });
}

const verify = [
  "-Y",
  "verify",
  "-n",
  "vibeops-approval",
  "-I",
  "ada@example.com",
  "-f",
  signers,
  "-s",
  signature,
];
Promise.all([
  run("ssh-keygen", verify, readFileSync(statement)),
  run("git", ["log", "--left-right", "--format=%m", "HEAD...HEAD"]),
]).then(() => {
  rmSync(directory, { recursive: true });
  process.stdout.write(`${hashes.join("\n")}\n`);
});

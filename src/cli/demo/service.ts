import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Exit, VibeopsError } from "../../errors.ts";
import type { Context } from "../../platform/context.ts";
import { readIfExists } from "../../platform/files.ts";
import { runProcess } from "../../platform/process.ts";

/** Below the ports that systems hand out by themselves, so that what is free now is still free when a person gets there. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** A loopback port that nobody uses. */
export async function findFreePort(context: Context): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = FIRST_PORT + (Buffer.from(context.randomBytes(4)).readUInt32BE() % PORTS);
    if (await isFree(port)) return port;
  }
  throw new VibeopsError({
    code: "demo.port",
    exit: Exit.conflict,
    message: `no loopback port between ${FIRST_PORT} and ${FIRST_PORT + PORTS} is free`,
    fix: "end what holds them, then run the command again",
  });
}

/** Whether a service could listen on this loopback port now. */
export async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/**
 * Ends the service that a walk of this demo started: the process that its pid file names, and only if that began
 * when the file says. What else runs from the folder is left to the person.
 *
 * @throws VibeopsError `demo.running` (exit 7); nothing was ended then
 */
export async function stopService(directory: string, context: Context): Promise<void> {
  for (const file of pidFiles(join(directory, "hosts/rehearsal"))) {
    const [line = "", began = ""] = readFileSync(file, "utf8").split("\n");
    const pid = Number(line);
    if (!Number.isInteger(pid) || pid < 2) continue;
    const found = await describeProcess(pid, context);
    if (found === null) continue;
    if (found.began !== "" && found.began === began.trim()) await endProcess(pid, found.began, context);
    else if (found.began === "" || runsIn(pid, directory)) throw stillRunning(pid, file);
  }
}

function pidFiles(host: string): string[] {
  if (readIfFolder(host) === null) return [];
  return (readIfFolder(host) ?? []).flatMap((service) =>
    (readIfFolder(join(host, service)) ?? [])
      .filter((name) => name.endsWith(".pid") && readIfExists(join(host, service, name)) !== null)
      .map((name) => join(host, service, name)),
  );
}

function readIfFolder(path: string): string[] | null {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

/** When a process began, in the words of `ps`; empty where nobody can say, null where it has ended. */
async function describeProcess(pid: number, { env }: Context): Promise<{ began: string } | null> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return null;
  }
  try {
    const { stdout } = await runProcess("ps", ["-o", "stat=", "-o", "lstart=", "-p", String(pid)], { env });
    const [, state = "", began = ""] = /^\s*(\S+)\s+(.*?)\s*$/.exec(stdout) ?? [];
    return state === "" || state.startsWith("Z") ? null : { began };
  } catch {
    return { began: "" };
  }
}

async function endProcess(pid: number, began: string, context: Context): Promise<void> {
  for (const [signal, tries] of [
    ["SIGTERM", 100],
    ["SIGKILL", 50],
  ] as const) {
    process.kill(pid, signal);
    for (let i = 0; i < tries; i += 1) {
      if ((await describeProcess(pid, context))?.began !== began) return;
      await sleep(100);
    }
  }
}

/** Where the system tells: whether a process works in this folder. */
function runsIn(pid: number, directory: string): boolean {
  try {
    return `${readlinkSync(`/proc/${pid}/cwd`)}${sep}`.startsWith(`${directory}${sep}`);
  } catch {
    return false;
  }
}

function stillRunning(pid: number, file: string): VibeopsError {
  return new VibeopsError({
    code: "demo.running",
    exit: Exit.conflict,
    message: `process ${pid} may still be the demo's service, and nobody can say for sure; nothing was deleted`,
    file,
    fix: `end it yourself (kill ${pid}), or name another folder`,
  });
}

import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Which program is hit: vibeops itself, or the so-manieth git that it starts. */
type Target = "vibeops" | { git: number };

/** One system call of one run, and what happens to it. */
export interface Fault {
  target: Target;
  call: string;
  /** The so-manieth call of that name. */
  when: number;
  /** `KILL` ends the program as it enters the call; anything else is the error that the call returns. */
  what: string;
}

/** What may change the disk. A kill anywhere else is, for the disk, the kill before the next one of these. */
export const CHANGING = [
  ...["openat", "write", "pwrite64", "writev", "copy_file_range", "ftruncate", "fsync", "fdatasync"],
  ...["link", "linkat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"],
  ...["symlink", "chmod", "fchmod", "utimensat"],
];

/** What only looks, and may fail all the same. */
const LOOKING = [
  "read",
  "pread64",
  "getdents64",
  "statx",
  "newfstatat",
  "lstat",
  "stat",
  "fstat",
  "readlink",
  "close",
];

export type Point = Omit<Fault, "what"> & { line: string };

export interface Program {
  argv: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** For logs and the stand-in for git; exists. */
  scratch: string;
}

export interface Ending {
  exit: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** It did not end within {@link MAX_MS} and was ended. */
  hung: boolean;
  /** Whether the fault came to pass. */
  wasHit: boolean;
}

/** Runs the program with this fault in it. */
export async function runWithFault(program: Program, fault: Fault): Promise<Ending> {
  const log = join(program.scratch, "log");
  const inject = fault.what === "KILL" ? "signal=SIGKILL" : `error=${fault.what}`;
  const traced = `strace -f -y -qq -o ${log} -e trace=${fault.call} -e inject=${fault.call}:${inject}:when=${fault.when}`;
  const { target } = fault;
  const { argv, ...rest } = withGit(program, (nth) =>
    target !== "vibeops" && target.git === nth ? traced : "",
  );
  const tracer = target === "vibeops" ? traced.replace(" -f", "").split(" ") : [];
  const ending = await start([...tracer, ...argv], rest);
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
  return { ...ending, wasHit: lines.some((line) => wasInjected(line) && isAbout(line, target)) };
}

function wasInjected(line: string): boolean {
  return /INJECTED|\) += \?/.test(line);
}

/**
 * Whether a call concerns the workspace, or says something to whoever waits for an answer. Node wakes its own threads by
 * pipes, how often is a matter of chance, and so a fault may meet the call beside the one that was meant.
 */
function isAbout(line: string, target: Target): boolean {
  if (target !== "vibeops") return !/O_RDONLY|ENOENT|write\(\d+<(?:pipe|\/dev\/(?!shm))/.test(line);
  const about = line.replaceAll(/AT_FDCWD<[^>]*>/g, "");
  return /\/vibeops-soak-(?!.*-scratch)/.test(about) || /^(?:\d+ +)?write\(1</.test(line);
}

/** Every system call of one run at which a fault can be put: vibeops's own, then those of each git that it starts. */
export async function listPoints(program: Program): Promise<Point[]> {
  const calls = [...CHANGING, ...LOOKING].join(",");
  const log = join(program.scratch, "log");
  const options = (file: string, traced: string) => `-y -qq -s 0 -o ${file} -e trace=${traced}`;
  const tracerFor = (nth: number) =>
    `strace -f ${options(`${program.scratch}/git-${nth}`, CHANGING.join(","))}`;
  const { argv, ...counting } = withGit(program, tracerFor);
  await start(["strace", ...options(log, calls).split(" "), ...argv], counting);
  const points = pointsIn(readFileSync(log, "utf8"), "vibeops");
  for (let git = 1; existsSync(join(program.scratch, `git-${git}`)); git += 1)
    points.push(...pointsIn(readFileSync(join(program.scratch, `git-${git}`), "utf8"), { git }));
  return points;
}

/** Node's own start is left out: nothing of ours has happened yet. */
function pointsIn(log: string, target: Target): Point[] {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  return log.split("\n").flatMap((line) => {
    const [, thread = "", call] = /^(\d+ +)?([a-z0-9_]+)\(/.exec(line) ?? [];
    if (call === undefined) return [];
    const counter = `${thread}${call}`;
    const when = (counts.get(counter) ?? 0) + 1;
    counts.set(counter, when);
    const point = `${call} ${when}`;
    if (!isAbout(line, target) || seen.has(point)) return [];
    seen.add(point);
    return [{ target, call, when, line: line.slice(0, 200) }];
  });
}

/**
 * A stand-in for git before the real one in the PATH: it counts, and starts what it is told to under strace. It is there
 * in every run, so that vibeops makes the same calls in each.
 */
function withGit(program: Program, tracerFor: (nth: number) => string): Program {
  const folder = join(program.scratch, "bin");
  const real =
    (program.env.PATH ?? "")
      .split(":")
      .map((each) => join(each, "git"))
      .find(existsSync) ?? "git";
  mkdirSync(join(program.scratch, "count"), { recursive: true });
  mkdirSync(folder, { recursive: true });
  const cases = Array.from({ length: 60 }, (_, i) => {
    const tracer = tracerFor(i + 1);
    return tracer === "" ? "" : `${i + 1}) exec ${tracer} ${real} "$@" ;;`;
  });
  const script = [
    "#!/bin/sh",
    `n=1; while ! mkdir ${program.scratch}/count/$n 2>/dev/null; do n=$((n + 1)); done`,
    `case $n in`,
    ...cases.filter(Boolean),
    `esac`,
    `exec ${real} "$@"`,
  ];
  writeFileSync(join(folder, "git"), `${script.join("\n")}\n`);
  chmodSync(join(folder, "git"), 0o755);
  return { ...program, env: { ...program.env, PATH: `${folder}:${program.env.PATH}` } };
}

/** For a command that takes half a second, on a machine that has much else to do. */
const MAX_MS = 120_000;

async function start(
  argv: readonly string[],
  { cwd, env }: Pick<Program, "cwd" | "env">,
): Promise<Omit<Ending, "wasHit">> {
  const [command = "", ...args] = argv;
  const child = spawn(command, args, {
    cwd,
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
    // So that the tracer and what it traces can be ended together.
    detached: true,
  });
  let hung = false;
  const limit = setTimeout(() => {
    hung = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, MAX_MS);
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said.stderr += chunk;
  });
  return await new Promise<Omit<Ending, "wasHit">>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit, signal) => resolve({ exit, signal, hung, ...said }));
  }).finally(() => clearTimeout(limit));
}

import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Which program is hit: vibeops itself, or the so-manieth git that it starts. */
export type Target = "vibeops" | { git: number };

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
  /** Whether the fault came to pass. */
  wasHit: boolean;
}

/** Runs the program with this fault in it. */
export async function runWithFault(program: Program, fault: Fault | null): Promise<Ending> {
  const log = join(program.scratch, "log");
  if (fault === null) return { ...(await start(program.argv, program)), wasHit: false };
  const inject = fault.what === "KILL" ? "signal=SIGKILL" : `error=${fault.what}`;
  const traced = `strace -f -qq -o ${log} -e trace=${fault.call} -e inject=${fault.call}:${inject}:when=${fault.when}`;
  const ending =
    fault.target === "vibeops"
      ? await start([...traced.replace(" -f", "").split(" "), ...program.argv], program)
      : await start(
          program.argv,
          withGit(program, (git, nth) => (nth === git ? traced : ""), fault.target.git),
        );
  const wasHit = existsSync(log) && /INJECTED|SIGKILL/.test(readFileSync(log, "utf8"));
  return { ...ending, wasHit };
}

/** Every system call of a run at which a fault can be put, in the order in which they are made. */
export async function listPoints(
  program: Program,
): Promise<{ target: Target; call: string; when: number; line: string }[]> {
  const calls = [...CHANGING, ...LOOKING].join(",");
  const log = join(program.scratch, "log");
  await start(
    ["strace", "-y", "-qq", "-s", "0", "-o", log, "-e", `trace=${calls}`, ...program.argv],
    program,
  );
  const own = pointsIn(readFileSync(log, "utf8"), "vibeops");
  return own;
}

/** The same for each git that the run starts. */
export async function listGitPoints(
  program: Program,
): Promise<{ target: Target; call: string; when: number; line: string }[]> {
  const calls = CHANGING.join(",");
  const traced = (nth: number) => `strace -f -y -qq -s 0 -o ${program.scratch}/git-${nth} -e trace=${calls}`;
  await start(
    program.argv,
    withGit(program, (_, nth) => traced(nth), 0),
  );
  const points = [];
  for (let git = 1; existsSync(join(program.scratch, `git-${git}`)); git += 1)
    points.push(...pointsIn(readFileSync(join(program.scratch, `git-${git}`), "utf8"), { git }));
  return points;
}

/** Only what concerns the workspace, or says something to whoever waits for an answer: not Node's own start. */
function pointsIn(log: string, target: Target) {
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  return log.split("\n").flatMap((line) => {
    const [, thread = "", call] = /^(\d+ +)?([a-z0-9_]+)\(/.exec(line) ?? [];
    if (call === undefined) return [];
    const counter = `${thread}${call}`;
    const when = (counts.get(counter) ?? 0) + 1;
    counts.set(counter, when);
    const about = line.replaceAll(/AT_FDCWD<[^>]*>/g, "");
    const isOurs = /\/vibeops-soak-/.test(about) || /^(?:\d+ +)?write\(1</.test(line) || target !== "vibeops";
    const isPlain = target === "vibeops" || !/O_RDONLY|ENOENT|write\(\d+<(?:pipe|\/dev)/.test(line);
    const point = `${call} ${when}`;
    if (!isOurs || !isPlain || seen.has(point)) return [];
    seen.add(point);
    return [{ target, call, when, line: line.slice(0, 200) }];
  });
}

/** A stand-in for git before the real one in the PATH: it counts, and starts what it is told to under strace. */
function withGit(program: Program, tracerFor: (git: number, nth: number) => string, git: number): Program {
  const folder = join(program.scratch, "bin");
  const real =
    (program.env.PATH ?? "")
      .split(":")
      .map((each) => join(each, "git"))
      .find(existsSync) ?? "git";
  mkdirSync(join(program.scratch, "count"), { recursive: true });
  mkdirSync(folder, { recursive: true });
  const cases = Array.from({ length: 60 }, (_, i) => {
    const tracer = tracerFor(git, i + 1);
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

async function start(argv: readonly string[], { cwd, env }: Program): Promise<Omit<Ending, "wasHit">> {
  const [command = "", ...args] = argv;
  const child = spawn(command, args, {
    cwd,
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    said.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said.stderr += chunk;
  });
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit, signal) => resolve({ exit, signal, ...said }));
  });
}

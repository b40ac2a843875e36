import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** What scripts call that must really happen for the rest of the script to be reached. */
const REAL = [
  "cat",
  "chmod",
  "cp",
  "cut",
  "dirname",
  "grep",
  "head",
  "mkdir",
  "mv",
  "rm",
  "sed",
  "sha256sum",
  "sort",
  "tail",
  "test",
];

const PROGRAMS = [
  ...REAL,
  ..."base64 caddy chown curl docker env find git kill ln mktemp mariadb mariadb-dump mysql mysqldump nginx nohup pg_dump".split(
    " ",
  ),
  ..."journalctl pg_restore ps psql readlink restic rsync shasum sleep systemctl tar touch".split(" "),
];

/** Runs scripts with nothing on the PATH but programs that write down what they were given, argument by argument. */
export class StubPrograms {
  readonly #bin: string;
  readonly #log: string;
  readonly #home: string;

  constructor(directory: string) {
    this.#bin = join(directory, "stubs");
    this.#log = join(directory, "calls");
    this.#home = join(directory, "home");
    mkdirSync(this.#bin);
    mkdirSync(this.#home);
    const real = REAL.map((name) => `${name}) exec ${realPath(name)} "$@" ;;`).join("\n  ");
    const stub = join(this.#bin, "stub-program");
    writeFileSync(
      stub,
      `#!/bin/dash
name=\${0##*/}
[ "$name" != ps ] || set -- "a process"
printf '%s\\0' "$name" "$@" >'${this.#log}'/"$$-$name"
case "$name" in
  ${real}
  mktemp) ${realPath("mkdir")} -p '${this.#home}/work'; echo '${this.#home}/work' ;;
  *dump) echo "-- Dump completed"; echo "-- PostgreSQL database dump complete" ;;
esac
`,
    );
    chmodSync(stub, 0o755);
    for (const name of PROGRAMS) symlinkSync("stub-program", join(this.#bin, name));
  }

  /** The calls of one script, each as program and arguments, sorted. */
  run(script: string, shell: readonly string[]): string[][] {
    rmSync(this.#log, { recursive: true, force: true });
    mkdirSync(this.#log);
    const [program = "", ...args] = shell;
    // What a script starts in the background has written its line before we read.
    spawnSync(program, [...args, "-eu", "-c", `trap wait EXIT\n${script}`], {
      cwd: this.#home,
      env: { PATH: this.#bin, VIBEOPS_PROJECT: this.#home },
      stdio: ["ignore", "ignore", "ignore"],
      timeout: 20_000,
    });
    // Each call has a file of its own: programs of a pipeline write at the same time.
    return readdirSync(this.#log)
      .map((name) => readFileSync(join(this.#log, name), "utf8").slice(0, -1).split("\0"))
      .toSorted(compareWords);
  }
}

function realPath(name: string): string {
  const found = ["/usr/bin", "/bin"].map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no ${name} here`);
  return found;
}

export function compareWords(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [a.join("\0"), b.join("\0")];
  return left < right ? -1 : left > right ? 1 : 0;
}

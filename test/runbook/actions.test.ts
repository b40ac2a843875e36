import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/platform/hash.ts";
import { quoteCommand } from "../../src/platform/quote.ts";
import {
  type CompiledAction,
  compileAction,
  listActions,
  parameterSchema,
} from "../../src/runbook/actions/actions.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import fc from "../helpers/property.ts";

const RUNBOOK = "20261120T150000Z-m2x9vaq4";
const SECOND = "20261121T150000Z-m2x9vaq5";
const shells = [["/bin/dash"], ["/bin/bash"], ["/bin/busybox", "sh"]].filter(([path]) =>
  existsSync(path ?? ""),
);

let host: string;
let files: Map<string, Uint8Array>;

beforeEach(() => {
  host = temporaryDirectory();
  files = new Map();
});

function compile(use: string, parameters: unknown, runbook = RUNBOOK): CompiledAction {
  const readFile = (path: string) => {
    const bytes = files.get(path);
    if (bytes === undefined) throw new Error(`no file ${path}`);
    return bytes;
  };
  return compileAction({ use, hosts: ["here"], with: parameters }, { runbook, readFile });
}

function run(
  script: string | undefined,
  shell: readonly string[] = ["/bin/sh"],
  env: Record<string, string> = {},
) {
  const [program = "", ...args] = shell;
  const result = spawnSync(program, [...args, "-eu", "-c", script ?? "exit 99"], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { exit: result.status, stdout: result.stdout, stderr: result.stderr };
}

describe.each(shells)("with %s", (...shell) => {
  test("files.install writes what was approved, and the way back restores what was there, also when done twice", () => {
    const destination = join(host, "etc/shop/compose.yaml");
    const parameters = { files: [{ source: "compose.yaml", destination, mode: "640" }] };
    files.set("compose.yaml", Buffer.from("version one\n"));
    const first = compile("files.install", parameters);
    expect(run(first.run?.script, shell)).toMatchObject({ exit: 0 });
    expect(readFileSync(destination, "utf8")).toBe("version one\n");
    expect(statSync(destination).mode & 0o777).toBe(0o640);
    expect(run(first.check?.script, shell).exit).toBe(0);

    files.set("compose.yaml", Buffer.from("version two\n"));
    const second = compile("files.install", parameters, SECOND);
    expect(run(second.run?.script, shell).exit).toBe(0);
    expect(run(second.run?.script, shell).exit).toBe(0);
    expect(readFileSync(destination, "utf8")).toBe("version two\n");
    expect(run(first.check?.script, shell).exit).not.toBe(0);
    expect(run(second.rollback?.script, shell).exit).toBe(0);
    expect(run(second.rollback?.script, shell).exit).toBe(0);
    expect(readFileSync(destination, "utf8")).toBe("version one\n");

    expect(run(first.rollback?.script, shell).exit).toBe(0);
    expect(existsSync(destination)).toBe(false);
  });

  test("files.install carries any bytes: tabs, no last newline, here-document delimiters, binary, nothing", () => {
    const contents = [
      "a\tb\n",
      "no newline",
      "VIBEOPS_END\nVIBEOPS_END_1\n$HOME `id` \\ '\n",
      "\u0000\u00ff\u001b",
      "",
    ];
    contents.forEach((text, i) => {
      files.set(`f${i}`, Buffer.from(text, "latin1"));
    });
    const parameters = {
      files: contents.map((_, i) => ({ source: `f${i}`, destination: join(host, `f${i}`) })),
    };
    const compiled = compile("files.install", parameters);
    expect(run(compiled.run?.script, shell)).toMatchObject({ exit: 0, stderr: "" });
    expect(contents.map((_, i) => readFileSync(join(host, `f${i}`), "latin1"))).toEqual(contents);
    expect(run(compiled.check?.script, shell).exit).toBe(0);
  });

  test("files.install puts nothing into place whose hash is wrong", () => {
    files.set("a", Buffer.from("approved\n"));
    const destination = join(host, "a");
    writeFileSync(destination, "before\n");
    const script = compile("files.install", { files: [{ source: "a", destination }] }).run?.script ?? "";
    const result = run(script.replace("approved\n", "tampered\n"), shell);
    expect(result.exit).not.toBe(0);
    expect(result.stderr).toContain("is not what was approved");
    expect(readFileSync(destination, "utf8")).toBe("before\n");
    expect(existsSync(`${destination}.vibeops-new`)).toBe(false);
  });

  test("release.place points current to the commit, and back to the one before", () => {
    const source = join(host, "repo");
    const commits = ["one", "two"].map((text) => commit(source, text));
    const directory = join(host, "srv");
    const place = (n: number) =>
      compile(
        "release.place",
        { source, commit: commits[n], directory, version: `1.${n}` },
        n === 0 ? RUNBOOK : SECOND,
      );
    expect(run(place(0).run?.script, shell)).toMatchObject({ exit: 0 });
    expect(run(place(0).check?.script, shell).exit).toBe(0);
    expect(run(place(1).run?.script, shell)).toMatchObject({ exit: 0 });
    expect(run(place(1).run?.script, shell)).toMatchObject({ exit: 0 });
    expect(readlinkSync(join(directory, "current"))).toBe("releases/1.1");
    expect(readFileSync(join(directory, "current/file"), "utf8")).toBe("two");
    expect(run(place(0).check?.script, shell).exit).not.toBe(0);
    expect(run(place(1).rollback?.script, shell).exit).toBe(0);
    expect(readFileSync(join(directory, "current/file"), "utf8")).toBe("one");
    expect(run(place(0).rollback?.script, shell).exit).toBe(0);
    expect(lstatSync(join(directory, "current"), { throwIfNoEntry: false })).toBeUndefined();
  });
});

test("a second version that fails goes back to the first one, running as it was started", async () => {
  const source = join(host, "repo");
  const directory = join(host, "srv");
  const server = (answer: string) =>
    `require("http").createServer((q, s) => s.end("${answer}")).listen(process.env.PORT, "127.0.0.1")\n`;
  const port = await freePort();
  const steps = (version: string, text: string, runbook: string) => [
    compile("release.place", { source, commit: commit(source, text), directory, version }, runbook),
    compile(
      "process.start",
      {
        directory,
        name: "shop",
        command: [process.execPath, "file"],
        environment: { PORT: port, GREETING: `it's $HOME "${version}"` },
        restore: [join(directory, "current")],
      },
      runbook,
    ),
    compile(
      "http.check",
      { url: `http://127.0.0.1:${port}/`, expect: version, attempts: 20, interval: "100ms" },
      runbook,
    ),
  ];
  const ask = () => {
    for (let attempt = 0; ; attempt += 1) {
      const result = run(quoteCommand(["curl", "--silent", `http://127.0.0.1:${port}/`]));
      if (result.exit === 0 || attempt > 50) return result.stdout;
      execFileSync("sleep", ["0.1"]);
    }
  };
  const first = steps("1.0", server("one 1.0"), RUNBOOK);
  for (const step of first) expect(run(step.run?.script ?? "true")).toMatchObject({ exit: 0 });
  expect(ask()).toBe("one 1.0");
  expect(run(first[1]?.check?.script).exit).toBe(0);
  const second = steps("2.0", server("two 2.0"), SECOND);
  for (const step of second) expect(run(step.run?.script ?? "true")).toMatchObject({ exit: 0 });
  expect(ask()).toBe("two 2.0");
  for (const step of second.reverse())
    expect(run(step.rollback?.script ?? "true")).toMatchObject({ exit: 0 });
  expect(ask()).toBe("one 1.0");
  for (const step of first.reverse()) expect(run(step.rollback?.script ?? "true")).toMatchObject({ exit: 0 });
  expect(run(quoteCommand(["curl", "--silent", `http://127.0.0.1:${port}/`])).exit).not.toBe(0);
});

test.each(shells)(
  "process.start does not pass where the process ends soon after, as one that cannot have its port, with %s",
  (...shell) => {
    const directory = join(host, "srv");
    mkdirSync(join(directory, "current"), { recursive: true });
    const taken = join(directory, "current/taken");
    writeFileSync(taken, "");
    const command = ["sh", "-c", "sleep 0.3; test ! -e taken && exec sleep 600"];
    const step = compile("process.start", { directory, name: "shop", command });
    expect(run(step.run?.script, shell)).toMatchObject({ exit: 0 });
    expect(run(step.check?.script, shell).exit).not.toBe(0);
    rmSync(taken);
    expect(run(step.run?.script, shell)).toMatchObject({ exit: 0 });
    expect(run(step.check?.script, shell).exit).toBe(0);
    expect(run(step.rollback?.script, shell).exit).toBe(0);
  },
);

test("compose.up starts; its way back puts the files back and starts the version before, or takes the first one down", () => {
  const { log, env } = recordingDocker();
  const directory = join(host, "srv/shop");
  const destination = join(directory, "compose.yaml");
  const steps = (text: string, runbook: string) => {
    files.set("compose.yaml", Buffer.from(text));
    return [
      compile("files.install", { files: [{ source: "compose.yaml", destination }] }, runbook),
      compile("compose.up", { directory, restore: [destination] }, runbook),
    ];
  };
  const first = steps("one\n", RUNBOOK);
  for (const step of first) expect(run(step.run?.script, ["/bin/sh"], env)).toMatchObject({ exit: 0 });
  const second = steps("two\n", SECOND);
  for (const step of second) expect(run(step.run?.script, ["/bin/sh"], env)).toMatchObject({ exit: 0 });
  log();
  expect(run(second[1]?.rollback?.script, ["/bin/sh"], env)).toMatchObject({ exit: 0 });
  expect(readFileSync(destination, "utf8")).toBe("one\n");
  expect(log().at(-1)).toBe(`compose --project-directory ${directory} up --detach --wait --remove-orphans`);
  expect(run(second[0]?.rollback?.script, ["/bin/sh"], env)).toMatchObject({ exit: 0 });
  expect(readFileSync(destination, "utf8")).toBe("one\n");
  log();
  expect(run(first[1]?.rollback?.script, ["/bin/sh"], env)).toMatchObject({ exit: 0 });
  expect(log().at(-1)).toBe(`compose --project-directory ${directory} down`);
});

test("compose.up's way back leaves alone what it did not start", () => {
  const { log, env } = recordingDocker();
  const { rollback } = compile("compose.up", { directory: "/srv/shop", services: ["web"] });
  expect(run(rollback?.script, ["/bin/sh"], env)).toMatchObject({ exit: 0 });
  expect(log().at(-1)).toBe("compose --project-directory /srv/shop rm --stop --force web");
});

test("compose.up's way back knows the version before by its Compose file, wherever that stands in the list", () => {
  const { log, env } = recordingDocker();
  const directory = join(host, "srv/shop");
  const [settings, compose] = [join(directory, "app.env"), join(directory, "compose.yaml")];
  mkdirSync(directory, { recursive: true });
  writeFileSync(compose, "one\n");
  files.set("app.env", Buffer.from("A=1\n"));
  files.set("compose.yaml", Buffer.from("two\n"));
  const install = compile("files.install", {
    files: [
      { source: "app.env", destination: settings },
      { source: "compose.yaml", destination: compose },
    ],
  });
  expect(run(install.run?.script, ["/bin/sh"], env)).toMatchObject({ exit: 0 });
  const up = compile("compose.up", { directory, restore: [settings, compose] });
  expect(run(up.rollback?.script, ["/bin/sh"], env)).toMatchObject({ exit: 0 });
  expect(readFileSync(compose, "utf8")).toBe("one\n");
  expect(log().at(-1)).toBe(`compose --project-directory ${directory} up --detach --wait --remove-orphans`);
});

test("process.stop's way back starts no second process where the first one runs still", () => {
  const directory = join(host, "srv");
  const start = compile("process.start", {
    directory,
    name: "shop",
    command: ["sleep", "60"],
    in: host,
  });
  expect(run(start.run?.script)).toMatchObject({ exit: 0 });
  const pid = readFileSync(join(directory, "shop.pid"), "utf8");
  const { run: stop, rollback } = compile("process.stop", { directory, name: "shop" });
  // The stop was cut off before it did anything.
  expect(run(rollback?.script)).toMatchObject({ exit: 0 });
  expect(readFileSync(join(directory, "shop.pid"), "utf8")).toBe(pid);
  expect(run(stop?.script)).toMatchObject({ exit: 0 });
  expect(run(rollback?.script)).toMatchObject({ exit: 0 });
  expect(readFileSync(join(directory, "shop.pid"), "utf8")).not.toBe(pid);
  expect(run(stop?.script)).toMatchObject({ exit: 0 });
});

test("compose.up's check wants every service of the project running", () => {
  const { env } = recordingDocker();
  const { check } = compile("compose.up", { directory: "/srv/shop" });
  expect(run(check?.script, ["/bin/sh"], { ...env, RUNNING: "db\nweb" })).toMatchObject({ exit: 0 });
  const result = run(check?.script, ["/bin/sh"], { ...env, RUNNING: "web" });
  expect(result).toMatchObject({ exit: 1, stderr: "not running: db\n" });
});

test("parameters stay single arguments whatever is in them, or the schema refuses them", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      fc.pre(!text.includes("\0") && Buffer.from(text).toString() === text);
      const result = spawnSync("/bin/sh", ["-c", quoteCommand(["printf", "%s.", text, "end"])]);
      return result.stdout.toString("utf8") === `${text}.end.`;
    }),
    { numRuns: 60 },
  );
  const { log, env } = recordingDocker();
  const directory = `/srv/a b'c"$(touch ${host}/pwned)\`id\`;&`;
  expect(run(compile("compose.pull", { directory }).run?.script, ["/bin/sh"], env)).toMatchObject({
    exit: 0,
  });
  expect(log()).toEqual([`compose --project-directory ${directory} pull --policy missing`]);
  expect(readdirSync(host)).not.toContain("pwned");
  for (const bad of ["--help", "srv", "/srv/../etc", "/srv/a\nb", "/srv/\u001b[2J", "", 5, ["/srv"]]) {
    expect(() => compile("compose.pull", { directory: bad })).toThrow(/compose\.pull/);
  }
});

test("an address with a password is refused, with a name before it and without", () => {
  for (const url of ["http://ada:secret@host/", "http://:secret@host/", "http://ada@host/"]) {
    expect(() => compile("http.check", { url })).toThrow(/without a password/);
  }
});

test("an unknown action and an unknown parameter name the nearest right one", () => {
  expect(() => compile("compose.upp", {})).toThrow(
    expect.objectContaining({ fix: "did you mean compose.up?" }),
  );
  expect(() => compile("compose.up", { directory: "/srv", wiat: true })).toThrow(/did you mean wait/);
});

test("every action has a name, a sentence and a documented schema, and checks never change anything", () => {
  for (const action of listActions()) {
    expect(action.name).toMatch(/^[a-z]+(?:\.[a-z]+)?$/);
    expect(action.summary).toMatch(/\.$/);
    expect(parameterSchema(action)).toMatchObject({ type: "object" });
  }
});

test("a value as YAML text and as a number or a switch compile to the same", () => {
  const asText = compile("http.check", { url: "http://localhost/", seconds: "5", attempts: "3" });
  expect(compile("http.check", { url: "http://localhost/", seconds: 5, attempts: 3 })).toEqual(asText);
  expect(compile("compose.up", { directory: "/srv/x", wait: false })).toEqual(
    compile("compose.up", { directory: "/srv/x", wait: "false" }),
  );
});

function commit(repository: string, text: string): string {
  const env = {
    PATH: process.env.PATH,
    HOME: host,
    ...{ GIT_AUTHOR_NAME: "T", GIT_AUTHOR_EMAIL: "t@example.com" },
    ...{ GIT_COMMITTER_NAME: "T", GIT_COMMITTER_EMAIL: "t@example.com" },
  };
  mkdirSync(repository, { recursive: true });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: repository, env, encoding: "utf8" });
  git("init", "--quiet");
  writeFileSync(join(repository, "file"), text);
  git("add", ".");
  git("commit", "--quiet", "--allow-empty", "-m", sha256(text));
  return git("rev-parse", "HEAD").trim();
}

/** Stands for the container engine on the host: writes its arguments down, and answers what a test says. */
test("service.restart's way back keeps what the unit said last, and goes on where there is no journal", () => {
  const bin = join(host, "bin");
  const units = join(host, "units");
  mkdirSync(bin);
  for (const name of ["journalctl", "systemctl"]) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>${units}\n[ ${name} = systemctl ]\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const directory = join(host, "srv");
  const restore = [join(directory, "shop.conf")];
  files.set("shop.conf", Buffer.from("one\n"));
  const installed = { files: [{ source: "shop.conf", destination: restore[0] }], keep: join(host, "kept") };
  expect(run(compile("files.install", installed).run?.script)).toMatchObject({ exit: 0 });
  const { rollback } = compile("service.restart", { unit: "shop", restore, keep: join(host, "kept") });
  expect(run(rollback?.script, ["/bin/sh"], { PATH: `${bin}:${process.env.PATH}` })).toMatchObject({
    exit: 0,
  });
  expect(readFileSync(units, "utf8").trim().split("\n")).toEqual([
    "journalctl --no-pager --lines 100 --unit=shop.service",
    "systemctl --no-ask-password show --property=NeedDaemonReload -- shop.service",
    "systemctl --no-ask-password restart -- shop.service",
  ]);
});

/** systemd on the host: says what it is asked, and counts how often it is asked whether the unit is active. */
function recordingSystemd(active = "true") {
  const bin = join(host, "bin");
  const file = join(host, "units");
  mkdirSync(bin);
  const answers = `case "$*" in *" show "*) echo "NeedDaemonReload=\${STALE:-no}" ;; *is-active*) ${active} ;; esac`;
  writeFileSync(join(bin, "systemctl"), `#!/bin/sh\necho "$*" >>${file}\n${answers}\n`);
  writeFileSync(join(bin, "sleep"), "#!/bin/sh\n");
  for (const name of ["systemctl", "sleep"]) chmodSync(join(bin, name), 0o755);
  const calls = () => readFileSync(file, "utf8").trim().split("\n");
  return { calls, file, env: { PATH: `${bin}:${process.env.PATH}` } };
}

test("service.restart has systemd read a unit that changed, so that it is not the old one that runs on", () => {
  const { calls, env } = recordingSystemd();
  const { run: restart } = compile("service.restart", { unit: "shop" });
  const user = compile("service.restart", { unit: "shop", user: "true" });
  expect(run(restart?.script, ["/bin/sh"], env)).toMatchObject({ exit: 0 });
  expect(calls()).not.toContain("--no-ask-password daemon-reload");
  expect(run(restart?.script, ["/bin/sh"], { ...env, STALE: "yes" })).toMatchObject({ exit: 0 });
  expect(calls().slice(-3)).toEqual([
    "--no-ask-password show --property=NeedDaemonReload -- shop.service",
    "--no-ask-password daemon-reload",
    "--no-ask-password restart -- shop.service",
  ]);
  expect(run(user.run?.script, ["/bin/sh"], { ...env, STALE: "yes" })).toMatchObject({ exit: 0 });
  expect(calls().at(-2)).toBe("--user --no-ask-password daemon-reload");
});

test("service.restart's check is not content with a service that dies at once", () => {
  const { file, env } = recordingSystemd(`[ "$(grep -c is-active ${join(host, "units")})" -lt 2 ]`);
  const { check } = compile("service.restart", { unit: "shop" });
  expect(run(check?.script, ["/bin/sh"], env).exit).not.toBe(0);
  expect(readFileSync(file, "utf8").match(/is-active/g)).toHaveLength(2);
});

function recordingDocker() {
  const bin = join(host, "bin");
  const file = join(host, "docker.log");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "docker"),
    `#!/bin/sh\nprintf '%s\\n' "$*" >>${file}\ncase "$*" in *"config --services") printf 'web\\ndb\\n' ;; *" ps "*) printf '%s\\n' "\${RUNNING:-}" ;; esac\n`,
  );
  chmodSync(join(bin, "docker"), 0o755);
  const log = () => {
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    writeFileSync(file, "");
    return lines;
  };
  return { log, env: { PATH: `${bin}:${process.env.PATH}` } };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("a kept link and a kept file survive their neighbours", () => {
  // put_back must replace a link to a folder, not move into the folder.
  const directory = join(host, "srv");
  mkdirSync(join(directory, "releases/0.9"), { recursive: true });
  symlinkSync("releases/0.9", join(directory, "current"));
  const source = join(host, "repo");
  const placed = compile("release.place", { source, commit: commit(source, "x"), directory, version: "1.0" });
  expect(run(placed.run?.script)).toMatchObject({ exit: 0 });
  expect(run(placed.rollback?.script)).toMatchObject({ exit: 0 });
  expect(readlinkSync(join(directory, "current"))).toBe("releases/0.9");
  expect(readdirSync(join(directory, "releases/0.9"))).toEqual([]);
});

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { loadProject } from "../../src/project/project.ts";
import type { Action } from "../../src/runbook/actions/action.ts";
import {
  type CompiledAction,
  compileAction,
  listActions,
  readDefinedActions,
} from "../../src/runbook/actions/actions.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import fc from "../helpers/property.ts";
import { compareWords, StubPrograms } from "./stub-programs.ts";

const SHELLS = [["/bin/dash"], ["/bin/bash"], ["/bin/busybox", "sh"]].filter(([path = ""]) =>
  existsSync(path),
);

/** Every optional parameter of every action is set in one of these, so that each of them is tried. */
const MORE: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  "backup.create": [
    dump("pg_dump", { compose: { directory: "/srv/shop", service: "db", password_variable: "PASSWORD" } }),
    dump("pg_dump", { format: "plain", host: "db", port: "5433", password_file: "/etc/shop/pgpass" }),
    dump("mysqldump", { password_file: "/etc/shop/my.cnf", flavour: "mariadb", host: "db" }),
    restic({ paths: ["/srv/shop/data", "/etc/shop"], percent: "100" }),
  ],
  "backup.restore": [
    dump("pg_dump", { compose: { directory: "/srv/shop", service: "db" } }),
    dump("mysqldump", { compose: { directory: "/srv/shop", service: "db", password_variable: "PASSWORD" } }),
    restic({ paths: ["/srv/shop/data"], target: "/", made_by: "20261120T150000Z-m2x9vaq4" }),
    restic({ paths: ["/srv/shop/data"], target: "/tmp/restored", snapshot: "0123456789abcdef" }),
  ],
  "caddy.reload": [{ admin: "localhost:2019", restore: ["/etc/caddy/sites/shop"], keep: "/var/lib/keep" }],
  "compose.down": [{ directory: "/srv/shop", volumes: "true" }],
  "compose.up": [
    {
      directory: "/srv/shop",
      services: ["web"],
      wait_timeout: "60",
      restore: ["/srv/shop/compose.yaml"],
      keep: "/srv/k",
    },
  ],
  "files.install": [
    {
      files: [
        { source: "a", destination: "/srv/shop/a", mode: "600" },
        { source: "b", destination: "/srv/b" },
      ],
      keep: "/k/k",
    },
  ],
  "http.check": [{ url: "http://shop.example.com/[1-3]/{a,b}", connect: "127.0.0.1:8080", expect: "ok" }],
  "nginx.reload": [{ config: "/etc/nginx/nginx.conf", restore: ["/etc/nginx/conf.d/a"], keep: "/k/k" }],
  "process.start": [
    {
      directory: "/srv/shop",
      name: "shop",
      command: ["serve", "--now"],
      in: "/srv/in",
      environment: { A: "b" },
      restore: ["/srv/x"],
    },
  ],
  "secret.place": [{ path: "/srv/shop/key", owner: "shop", group: "shop", mode: "640", keep: "/srv/keep" }],
  "service.restart": [{ unit: "shop@1", user: "true", restore: ["/etc/shop.conf"], keep: "/srv/keep" }],
};

function dump(kind: string, more: object) {
  return { kind, database: "shop", user: "shop", file: "/srv/backups/shop.dump", ...more };
}

function restic(more: object) {
  const files = { password_file: "/etc/restic/password", environment: "/etc/restic/environment" };
  return { kind: "restic", repository: "s3:https://s3.example.com/b", ...files, ...more };
}

const CONFIG = `project: shop
agents: { developer: { provider: builtin } }
actions:
  assets.upload:
    description: Copies build artefacts to where the web server finds them.
    parameters:
      source: { type: string, description: what is copied }
      target: { type: string, default: /srv/assets }
      speed: { type: number, min: 1, max: 9, default: 3 }
      dry: { type: boolean, default: false }
      level: { type: enum, values: [fast, safe], default: safe }
    run: [rsync, "--bwlimit=\${speed}", "--dry=\${dry}-\${level}", --, "\${source}", "host:\${target}/x"]
    check: [curl, "--fail", "--data=\${source}"]
    rollback: [rsync, "\${target}"]
`;

let root: string;
let stubs: StubPrograms;
let defined: readonly Action[];

beforeEach(() => {
  const directory = temporaryDirectory();
  root = join(directory, "root");
  stubs = new StubPrograms(directory);
  writeFileSync(join(directory, "vibeops.yaml"), CONFIG);
  defined = readDefinedActions(loadProject(directory));
});

/** A parameter set with all its paths below the test's folder. */
function bases(action: Action): unknown[] {
  const more =
    action.defined === undefined ? [] : [{ source: "dist/app.js", target: "/srv/x", speed: "2.5" }];
  return [action.says.example, ...(MORE[action.name] ?? []), ...more].map(below);
}

function below(value: unknown): unknown {
  return mapText(value, (text) => (/^\/./.test(text) ? root + text : text));
}

function mapText(
  value: unknown,
  change: (text: string, index: number) => string,
  at = { index: 0 },
): unknown {
  if (typeof value === "string") return change(value, at.index++);
  if (Array.isArray(value)) return value.map((item) => mapText(item, change, at));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapText(inner, change, at)]));
}

function countTexts(value: unknown): number {
  let count = 0;
  mapText(value, (text) => {
    count += 1;
    return text;
  });
  return count;
}

/** Null where the schema refuses it. */
function compile(action: Action, parameters: unknown): CompiledAction | null {
  try {
    // As sha256sum writes it, for the action that compares a list.
    const readFile = () => Buffer.from(`${"0".repeat(64)}  index.html\n`);
    const source = { runbook: "20261120T150000Z-m2x9vaq4", readFile, actions: defined };
    return compileAction({ use: action.name, hosts: ["here"], with: parameters }, source);
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "action.parameters") return null;
    throw error;
  }
}

/** What programs get from an action's commands, run one after the other on an empty disk. */
function callsOf({ run, check, rollback }: CompiledAction, shell: readonly string[]): string[][] {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  const calls = [run, check, rollback].flatMap((command) =>
    command === undefined ? [] : stubs.run(command.script, shell),
  );
  // Each run makes a folder of its own.
  return calls.map((call) => call.map((word) => word.replaceAll(/\/vibeops\.\w{6}\b/g, "/vibeops.own")));
}

/**
 * Puts a hostile text and a harmless one into the same place. Either the schema refuses the hostile one, or every
 * program gets the same arguments, with the one text where the other was.
 */
function isHeldTogether(
  action: Action,
  base: unknown,
  index: number,
  hostile: string,
  shell: readonly string[],
) {
  const put = (text: string) => mapText(base, (old, i) => (i === index ? place(old, text) : old));
  const place = (old: string, text: string) => (text.startsWith("-") ? text : `${old}${text}`);
  const compiled = compile(action, put(hostile));
  if (compiled === null) return "refused";
  const token = hostile.startsWith("-") ? "-hArMlEsS" : "hArMlEsS";
  const harmless = compile(action, put(token));
  if (harmless === null) return "refused";
  const expected = callsOf(harmless, shell).map((call) =>
    call.map((word) => word.replaceAll(token, () => hostile)),
  );
  const calls = callsOf(compiled, shell);
  const what = `${action.name} with ${JSON.stringify(hostile)}`;
  expect(calls.toSorted(compareWords), what).toEqual(expected.toSorted(compareWords));
  return "held";
}

const NASTY = ` a'b"c$(touch pwned)\`touch pwned\`$HOME\${X};touch pwned&|*?[x]{a,b}<y>z#!~\\n\\`;

interface Case {
  action: Action;
  base: unknown;
}

function cases(): Case[] {
  return listActions(defined).flatMap((action) => bases(action).map((base) => ({ action, base })));
}

test("whatever is in a parameter of any action, a program gets it as a part of one argument, or the schema refuses it", () => {
  const held = new Set<string>();
  for (const { action, base } of cases()) {
    expect(compile(action, base), `${action.name} ${JSON.stringify(base)}`).not.toBeNull();
    for (let index = 0; index < countTexts(base); index += 1) {
      for (const hostile of [NASTY, `-e${NASTY}`]) {
        const how = isHeldTogether(action, base, index, hostile, ["/bin/dash"]);
        if (how === "held" && hostile === NASTY) held.add(action.name);
      }
    }
  }
  // Of these two every parameter has a narrow form.
  const narrow = ["http.check", "wait"];
  expect([...held]).toEqual(
    listActions(defined).flatMap(({ name }) => (narrow.includes(name) ? [] : [name])),
  );
}, 300_000);

test("the same holds for any text, in each shell", () => {
  const all = cases();
  const texts = fc
    .string({ unit: "binary", minLength: 1, maxLength: 12 })
    .filter((text) => !/[\0/]/.test(text) && Buffer.from(text).toString() === text);
  const nasty = fc.string({
    unit: fc.constantFrom(..."'\"$`\\ ;&|<>()*?[]{}#~!=%-+^\n\r\t\u001b\u202eaé".split("")),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(),
      fc.oneof(texts, nasty),
      fc.constantFrom(...SHELLS),
      (which, leaf, text, shell) => {
        const { action, base } = all[which % all.length] as Case;
        isHeldTogether(action, base, leaf % countTexts(base), text, shell);
      },
    ),
    { numRuns: 80 },
  );
}, 300_000);

function commandsOf({ action, base }: Case): string[] {
  const compiled = compile(action, base);
  return [compiled?.run, compiled?.check, compiled?.rollback].flatMap((command) => command?.script ?? []);
}

test("every shell can read the commands of every action", () => {
  for (const script of cases().flatMap(commandsOf)) {
    for (const [shell = "", ...args] of SHELLS) {
      const read = spawnSync(shell, [...args, "-n"], { input: script, encoding: "utf8" });
      expect(read, script).toMatchObject({ status: 0, stderr: "" });
    }
  }
});

const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;

test.skipIf(!hasShellcheck)(
  "shellcheck has nothing to say about the commands of any action",
  () => {
    for (const script of cases().flatMap(commandsOf)) {
      const flags = ["--shell=sh", "--severity=warning", "--format=gcc", "-"];
      const checked = spawnSync("shellcheck", flags, { input: script, encoding: "utf8" });
      expect(checked.stdout, script).toBe("");
    }
  },
  120_000,
);

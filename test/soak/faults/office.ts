import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../../../src/platform/context.ts";
import { testContext } from "../../helpers/context.ts";

/** A project on disk, with the few things that a test asks of it. */
export interface Desk {
  root: string;
  git: (...args: string[]) => string;
  read: (path: string) => string;
  write: (path: string, text: string) => void;
  /** Names in a folder; none where it is not there. */
  list: (path: string) => string[];
}

/** Two projects that accept each other's mail, each in a repository of its own. */
export interface Office {
  directory: string;
  context: Context;
  shop: Desk;
  infra: Desk;
}

/** Opens the office that lies in this folder, and makes it where it is not there yet. */
export function openOffice(directory: string, isNew: boolean): Office {
  const context = { ...testContext(join(directory, "home")), now: () => new Date() };
  const [shop, infra] = ["shop", "infra"].map((name) => openDesk(join(directory, name), context));
  if (shop === undefined || infra === undefined) throw new Error("two desks");
  if (isNew) {
    mkdirSync(join(directory, "home"), { recursive: true, mode: 0o700 });
    furnish(shop, "shop", "infra");
    furnish(infra, "infra", "shop");
  }
  return { directory, context, shop, infra };
}

export function openDesk(root: string, context: Context): Desk {
  const env = context.env as NodeJS.ProcessEnv;
  return {
    root,
    git: (...args) => execFileSync("git", args, { cwd: root, env, encoding: "utf8", stdio: "pipe" }),
    read: (path) => readFileSync(join(root, path), "utf8"),
    write: (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    list: (path) => {
      try {
        return readdirSync(join(root, path)).sort();
      } catch {
        return [];
      }
    },
  };
}

const STATE = "# State\n\n## Current status\n\nCalm.\n\n## Recent progress\n\n- 2026-11-19 Began\n\n";

function furnish(desk: Desk, name: string, peer: string): void {
  mkdirSync(desk.root, { recursive: true });
  desk.git("init", "--quiet", "--initial-branch=main", "--template=");
  desk.write(
    "vibeops.yaml",
    [
      `project: ${name}`,
      "agents: { worker: { provider: builtin } }",
      `peers: { ${peer}: { path: ../${peer} } }`,
      `accepts: [{ from: ${peer} }]`,
      "",
    ].join("\n"),
  );
  desk.write(".gitignore", readFileSync(resolve("templates/project/gitignore"), "utf8"));
  desk.write("STATE.md", `${STATE}## Next actions\n\n## Handover notes\n\nNothing.\n`);
  desk.write("theirs.txt", "one\n");
  desk.git("add", ".");
  desk.git("commit", "--quiet", "-m", "Start");
}

/** What the person is in the middle of: two edits that are not finished, and a file that is staged. */
export function leaveHalfFinished(desk: Desk): void {
  desk.write("theirs.txt", "one\nand half a li");
  desk.write("STATE.md", desk.read("STATE.md").replace("Calm.", "Calm, and a sentence that is not fini"));
  desk.write("staged.txt", "staged by the person\n");
  desk.git("add", "staged.txt");
}

/** At a fifth of what Node's own copying costs. */
export function copyFolder(from: string, to: string): void {
  execFileSync("cp", ["--archive", from, to]);
}

/** Waits until no process works in this folder any more: a git that outlives its vibeops ends by itself. */
export async function untilNobodyIsIn({ root }: Desk): Promise<void> {
  while (isSomebodyIn(root)) await sleep(5);
}

function isSomebodyIn(root: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === root;
    } catch {
      return false;
    }
  });
}

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { parseMemo } from "../../../src/memo/memo.ts";
import { isSameMemo } from "../../../src/memo/same-memo.ts";
import { requireGit } from "../../../src/platform/git.ts";
import { sweepFolders, sweepLeftOvers } from "../../../src/session/sweep.ts";
import { runIn } from "../../helpers/cli.ts";
import { copyFolder, type Desk, type Office, openOffice } from "./office.ts";
import { type Scenario, session } from "./scenarios.ts";
import type { Ending } from "./trace.ts";

/** What is wrong with the disk after a run that a fault hit: nothing, if all promises hold. */
export async function judge(office: Office, scenario: Scenario, ending: Ending): Promise<string[]> {
  const desk = office[scenario.at];
  const at = (when: string) => (problem: string) => `${when}: ${problem}`;
  const problems = [...halfWritten(office), ...unclear(ending)].map(at("at once"));
  for (const each of [office.shop, office.infra]) removeGitLocks(each);
  problems.push(...personFirst(office, scenario).map(at("the person commits before anything else")));
  const acknowledged = ending.exit === 0;
  await recover(office, scenario);
  const isOpen = !acknowledged;
  problems.push(
    ...[
      ...halfWritten(office),
      ...theirs(desk, isOpen),
      ...scenario.missing(office, { least: acknowledged ? 1 : 0, most: 1 }),
    ].map(at("after the next sessions")),
  );
  if (!acknowledged) problems.push(...(await repeat(office, scenario)).map(at("repeated")));
  await sweepLater(office);
  problems.push(...litter(office).map(at("left over")), ...broken(office).map(at("git fsck")));
  problems.push(...plainCommit(desk).map(at("the person commits at last")));
  return problems;
}

/** A refusal says what it is about; a crash of our own is no refusal. */
function unclear({ exit, stderr, stdout, hung, wasHit }: Ending): string[] {
  if (hung && wasHit) return ["it did not end"];
  if (exit === null || exit === 0) return [];
  const said = `${stdout}${stderr}`;
  if (/defect of vibeops|Error: |at .*\(node:/.test(said)) return [`it ended with: ${said.slice(0, 400)}`];
  return [];
}

/** Every memo file, wherever it lies, is a whole memo, and one of an id is the same everywhere. */
function halfWritten({ shop, infra }: Office): string[] {
  const byId = new Map<string, Buffer>();
  return [shop, infra].flatMap(({ root }) =>
    readdirSync(join(root), { recursive: true, encoding: "utf8" })
      .filter((path) => /^memos\/(?!quarantine).*\/\d{8}T\d{6}Z-[^/]*\.md$/.test(path))
      .flatMap((path) => {
        const bytes = readFileSync(join(root, path));
        try {
          const { id } = parseMemo(bytes, { now: new Date(Date.now() + 60_000) });
          const other = byId.get(id);
          byId.set(id, bytes);
          if (!basename(path).startsWith(id)) return [`${path} holds ${id}`];
          return other === undefined || isSameMemo(other, bytes) ? [] : [`${path} has other words`];
        } catch (error) {
          return [`${path}: ${(error as Error).message} (${bytes.length} bytes)`];
        }
      }),
  );
}

/** git's own locks stay after git was killed, and its message says to remove them. */
function removeGitLocks({ root }: Desk): void {
  for (const path of readdirSync(join(root, ".git"), { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".lock") || path === "vibeops.lock") continue;
    const file = join(root, ".git", path);
    if (!readFileSync(file, "utf8").includes('"nonce"')) rmSync(file);
  }
}

/** The person's plain commit, in a copy, before any vibeops mends anything. */
function personFirst(office: Office, scenario: Scenario): string[] {
  const copy = `${office.directory}-person`;
  copyFolder(office.directory, copy);
  try {
    const desk = openOffice(copy, false)[scenario.at];
    rmSync(join(desk.root, ".git/index.lock"), { force: true });
    desk.git("commit", "--quiet", "--allow-empty", "-m", "theirs");
    // Of what they commit without adding anything, only what they staged and what we had put there may differ.
    const gone = desk
      .git("diff", "--name-only", "--diff-filter=D", "HEAD~", "HEAD")
      .split("\n")
      .filter(Boolean);
    const kept = desk.git("ls-files").split("\n");
    const moved = (path: string) => kept.some((other) => basename(other) === basename(path));
    return gone.filter((path) => !moved(path)).map((path) => `${path} is gone`);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

async function recover(office: Office, { sessions }: Scenario): Promise<void> {
  for (const name of sessions) await session(office, office[name]);
}

/** The same command again, by hand: it succeeds, or says that it was done. */
async function repeat(office: Office, scenario: Scenario): Promise<string[]> {
  const again = await runIn(office[scenario.at].root, office.context, scenario.argv(office));
  const wasDone = scenario.name === "memo done" && /no pending memo/.test(again.stderr);
  if (again.exit !== 0 && !wasDone) return [`it failed: ${again.stderr}`];
  await recover(office, scenario);
  // A memo that was queued before the kill is sent by the next session; whoever writes it again sends a second one.
  const most = scenario.name === "memo new" ? 2 : 1;
  return [
    ...halfWritten(office),
    ...theirs(office[scenario.at], false),
    ...scenario.missing(office, { least: 1, most }),
  ];
}

/** The person's unfinished edits, whole and in no commit; what a kill staged of ours stays until it is repeated. */
function theirs(desk: Desk, isOpen: boolean): string[] {
  const problems: string[] = [];
  const expectThat = (isSo: boolean, problem: string) => {
    if (!isSo) problems.push(problem);
  };
  expectThat(desk.read("theirs.txt") === "one\nand half a li", "their edit of theirs.txt is gone");
  expectThat(desk.git("show", "HEAD:theirs.txt") === "one\n", "their edit of theirs.txt was committed");
  expectThat(desk.read("STATE.md").includes("a sentence that is not fini"), "their edit of STATE.md is gone");
  expectThat(!desk.git("show", "HEAD:STATE.md").includes("not fini"), "their edit of STATE.md was committed");
  const staged = desk.git("diff", "--cached", "--name-status", "--no-renames").trim();
  const own = staged.split("\n").filter((line) => !(isOpen && /\t(?:memos\/|STATE\.md)/.test(line)));
  expectThat(own.join("\n") === "A\tstaged.txt", `staged: ${staged}`);
  return problems;
}

const OWN = /(?:^|\/)\.vibeops-|\.lock$|\.lock\.|index\.vibeops-/;

/** What a sweep a day and a half later does not remove. */
function litter({ shop, infra }: Office): string[] {
  return [shop, infra].flatMap(({ root, git }) => {
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => OWN.test(path));
    return [
      ...files,
      ...git("for-each-ref", "--format=%(refname)", "refs/vibeops").split("\n").filter(Boolean),
    ];
  });
}

async function sweepLater({ shop, infra, context }: Office): Promise<void> {
  const later = new Date(Date.now() + 37 * 3_600_000);
  for (const { root } of [shop, infra]) {
    sweepFolders(root, later);
    await sweepLeftOvers(root, requireGit(root, context.env), later);
  }
}

function broken({ shop, infra }: Office): string[] {
  return [shop, infra].flatMap(({ git }) => {
    try {
      git("fsck", "--strict");
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}

/** Once all is done, the person's `git add -A && git commit` holds their own work alone. */
function plainCommit(desk: Desk): string[] {
  desk.git("add", "--all");
  desk.git("commit", "--quiet", "-m", "theirs");
  const changed = desk.git("diff", "--name-status", "HEAD~", "HEAD").trim().split("\n");
  const allowed = new Set(["A\tstaged.txt", "M\ttheirs.txt", "M\tSTATE.md"]);
  const isBox = (line: string) => /^M\tmemos\/incoming\//.test(line);
  return changed.filter((line) => !allowed.has(line) && !isBox(line));
}

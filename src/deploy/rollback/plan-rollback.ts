import { Exit, VibeopsError } from "../../errors.ts";
import { sha256 } from "../../platform/hash.ts";
import { runbookPath } from "../../runbook/runbook-paths.ts";
import { listBackupCommands } from "../block-facts.ts";
import { render } from "../catalogue.ts";
import { compilePlan } from "../deployment-runbook.ts";
import { type PlannedFile, planFile } from "../file-plan.ts";
import { formatManifest, manifestPath } from "../manifest.ts";
import { codeSpan } from "../markdown-text.ts";
import { flowText, wayBackForData } from "../plan-words.ts";
import { chooseSettings } from "../settings.ts";
import type { Situation } from "../situation.ts";
import { readFileList } from "../static-files.ts";
import { staticFolderOf, targetKindOf } from "../target-kind.ts";
import type { TargetInput } from "../targets/target.ts";
import { targetOf } from "../targets/targets.ts";
import { keepsData } from "../volumes.ts";
import { writeDataSteps } from "./data-steps.ts";
import { findBackups, type RecordedBackup } from "./find-backups.ts";
import { listLosses } from "./losses.ts";
import type { RollbackInput, RollbackPlan } from "./rollback.ts";

/** Pure: the same input gives the same plan, and a plan over its own outcome changes nothing. */
export function planRollback(input: RollbackInput): RollbackPlan {
  const { restored, way, block, place } = input;
  const kind = targetKindOf({ block, place });
  const backups = kind === "static" ? [] : findBackups(input.trail.preparations, way.to, way.since[0]);
  const here = backups.filter(({ hosts }) => hosts.length === 1 && hosts[0] === place.hostName);
  const used = input.keepData ? [] : here;
  const unused = input.keepData ? here : [];
  const removed = listRemoved(input);
  const losses = listLosses({ ...input, used, unused, elsewhere: here.length < backups.length, removed });
  const id = chooseRunbook(input);
  const text = writeRunbook(input, id, used, losses);
  const path = runbookPath(id);
  const isOurs = id === input.current?.runbook;
  const there = isOurs ? input.currentRunbook : null;
  const runbook = planFile({ path, content: text }, there, isOurs ? input.current?.files[path] : undefined);
  const files = [...restoreFiles(input), runbook];
  const all = [...files, planManifest(input, id, text)];
  return {
    service: block.service,
    version: block.version,
    from: way.from.manifest.version,
    host: place.hostName,
    runbook: { id, path },
    commit: restored.commit,
    files: all,
    removed,
    backups: used,
    losses,
    changed: removed.length > 0 || all.some(({ action }) => action === "create" || action === "update"),
  };
}

/** A way back that nobody has decided on is brought up to date; everything else gets a runbook of its own. */
function chooseRunbook({ current, currentIsDecided, block, newRunbook }: RollbackInput): string {
  const isSame = current?.leaves !== undefined && current.version === block.version && !currentIsDecided;
  return (isSame ? current.runbook : undefined) ?? newRunbook;
}

/** Each file as that version had it, also one that a person had edited. */
function restoreFiles({ restored, before }: RollbackInput): PlannedFile[] {
  return [...restored.files].map(([path, bytes]) => {
    const there = before.get(path) ?? null;
    return planFile(
      { path, content: bytes.toString("utf8"), bytes },
      there,
      there === null ? undefined : sha256(there),
    );
  });
}

function listRemoved({ current, restored, before }: RollbackInput): RollbackPlan["removed"] {
  return Object.keys(current?.files ?? {}).flatMap((path) => {
    const bytes = before.get(path);
    return bytes === undefined || restored.files.has(path) ? [] : [{ path, before: bytes }];
  });
}

function planManifest(
  { restored: { manifest }, way, before, current, block }: RollbackInput,
  runbook: string,
  text: string,
): PlannedFile {
  const { runbook: _runbook, leaves: _leaves, came_from: _from, files, ...rest } = manifest;
  const own = Object.entries(files).filter(([path]) => path.startsWith("deploy/"));
  // Prepared once more, it still leaves what it left.
  const again = current?.leaves !== undefined && current.runbook === runbook;
  const content = formatManifest({
    ...rest,
    runbook,
    leaves: again ? current.leaves : way.from.manifest.version,
    files: Object.fromEntries([...own, [runbookPath(runbook), sha256(text)]]),
  });
  const path = manifestPath(block.service);
  const there = before.get(path) ?? null;
  return planFile({ path, content }, there, there === null ? undefined : sha256(there));
}

function writeRunbook(
  input: RollbackInput,
  id: string,
  backups: readonly RecordedBackup[],
  losses: readonly string[],
): string {
  const { block, place, find, way, restored } = input;
  const target = targetOf({ block, place });
  const targetInput = describeTarget(input, id, backups);
  const plan = target.writePlan(targetInput);
  if (plan === null) throw noSteps(input);
  const files = target.installedFiles(targetInput);
  const missing = files.filter((path) => !restored.files.has(path));
  if (missing.length > 0) throw otherConfiguration(input, missing);
  const text = render(find, "deploy/rollback/runbook.md", {
    id,
    memo: input.memo.id,
    author: input.author,
    host: place.hostName,
    tier: place.host.tier,
    service: block.service,
    version: block.version,
    "version.yaml": flowText(block.version),
    title: `Roll back ${block.service} to ${block.version} on ${place.hostName}`,
    hasFiles: files.length > 0,
    files,
    from: way.from.manifest.version,
    fromRunbook: way.from.manifest.runbook,
    fromTime: day(way.from.ended),
    fromPlace: way.from.manifest.host === place.hostName ? "there" : `on ${way.from.manifest.host}`,
    again: way.since.length === 0,
    toRunbook: way.to.manifest.runbook,
    toTime: day(way.to.ended),
    commit: restored.commit,
    losses,
    goesDown: targetKindOf({ block, place }) !== "static",
    deviations: way.to.run.walk.state.deviations.map(String),
    plan,
  });
  return compilePlan(text, id, {
    readFile: (path) => restored.files.get(path) ?? Buffer.alloc(0),
  });
}

const TAKES = {
  compose: "its image",
  process: "its repository, its commit and its command",
  static: "its list of files",
} as const;

/** A host that runs services in another way than then takes what nobody needed to say. */
function noSteps({ block, place, memo }: RollbackInput): VibeopsError {
  const kind = targetKindOf({ block, place });
  return new VibeopsError({
    code: "rollback.steps",
    exit: Exit.conflict,
    message: `${place.hostName} runs ${block.service} as ${kind} now, and not all of what that takes is known of ${block.version}: ${TAKES[kind]}`,
    file: "inventory.yaml",
    fix: `put back the entry of ${place.hostName} as it was then, or prepare ${block.version} anew from memo ${memo.id}`,
  });
}

/** Configuration is restored, never made: for another proxy than then there is none. */
function otherConfiguration({ block, place, restored }: RollbackInput, missing: readonly string[]) {
  return new VibeopsError({
    code: "rollback.files",
    exit: Exit.conflict,
    message: `${block.version} was prepared for another proxy or runtime than ${place.hostName} has now: commit ${restored.commit.slice(0, 12)} does not hold ${missing.join(", ")}`,
    file: "inventory.yaml",
    fix: `put back the entry of ${place.hostName} as it was then, or prepare ${block.version} anew from its memo`,
  });
}

function day(time: string): string {
  return time.slice(0, 10);
}

function describeTarget(
  input: RollbackInput,
  runbook: string,
  backups: readonly RecordedBackup[],
): TargetInput {
  const { block, place, restored, find, repository, commit } = input;
  const { manifest } = restored;
  const settings = chooseSettings(block, place, { port: manifest.port, taken: [] });
  const situation: Situation = { block, place, settings, repository, commit, kept: [] };
  return {
    situation,
    questions: [],
    memo: input.memo.id,
    runbook,
    files: staticFilesOf(input),
    stack: null,
    goingBack: { before: writeBefore(input), data: writeDataSteps(input, runbook, backups) },
    find,
  };
}

function staticFilesOf({ block, place, restored, source }: RollbackInput): TargetInput["files"] {
  if (targetKindOf({ block, place }) !== "static") return null;
  const list = restored.files.get(`deploy/${block.service}/files.sha256`);
  if (list === undefined) return null;
  const folder = (staticFolderOf(block) ?? ".").replace(/^(?:\.\/)+|\/+$/g, "") || ".";
  return { folder, committed: false, ...source, files: readFileList(list.toString("utf8")) };
}

function writeBefore({ block, find, place, way }: RollbackInput): string {
  const commands = keepsData(block) ? listBackupCommands(block) : [];
  return render(find, "deploy/rollback/before.md", {
    service: block.service,
    version: block.version,
    host: place.hostName,
    from: way.from.manifest.version,
    keepsData: keepsData(block),
    commands: commands.map(codeSpan),
    wayBack: wayBackForData({ block, place } as Situation),
  });
}

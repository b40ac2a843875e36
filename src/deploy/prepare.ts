import { scanChecklist } from "../memo/checklist.ts";
import type { DeploymentBlock } from "../memo/deployment.ts";
import type { Memo } from "../memo/memo.ts";
import { sha256 } from "../platform/hash.ts";
import { runbookPath } from "../runbook/runbook-paths.ts";
import type { TaskItem } from "../text/blocks.ts";
import { isPublished } from "./answer-roots.ts";
import { type FindTemplate, render } from "./catalogue.ts";
import { writeDeploymentRunbook } from "./deployment-runbook.ts";
import type { Stack } from "./dockerfile/stack.ts";
import { type PlannedFile, type PreparedFile, planFile } from "./file-plan.ts";
import { formatManifest, type Manifest, manifestPath } from "./manifest.ts";
import { codeSpan } from "./markdown-text.ts";
import type { Place } from "./place.ts";
import { findPreparedItems } from "./prepared-items.ts";
import type { Question } from "./questions.ts";
import { chooseSettings } from "./settings.ts";
import { requireBesideCaddy } from "./sites/caddy-project.ts";
import type { Situation } from "./situation.ts";
import type { StaticFiles } from "./static-files.ts";
import { askForTarget } from "./target-questions.ts";
import type { TargetInput } from "./targets/target.ts";
import { targetOf } from "./targets/targets.ts";
import { requireOwnNames } from "./volumes.ts";

/** All that a preparation is made from; gather.ts reads it. */
export interface PreparationInput {
  readonly memo: Memo;
  readonly block: DeploymentBlock;
  readonly place: Place;
  /** `role@project`: who prepares. */
  readonly author: string;
  /** As in {@link Situation}. */
  readonly repository: string | null;
  readonly commit: string | null;
  /** What the last preparation of this service left. */
  readonly earlier: Manifest | null;
  /** Whether the earlier runbook has an approval or a record: then it is never changed. */
  readonly earlierIsDecided: boolean;
  /** Whether the earlier runbook was closed: what is asked for once more, after a way back say, goes into a new one. */
  readonly earlierIsClosed: boolean;
  /** For a runbook that has to be a new one. */
  readonly newRunbook: string;
  /** Runbooks that are in no commit; one that is just what is to be written was written by a preparation that was killed. */
  readonly cutOffRunbooks?: readonly string[] | undefined;
  /** As in {@link TargetInput}; a person's files, so they are read once. */
  readonly staticFiles: StaticFiles | null;
  /** As in {@link TargetInput}. */
  readonly stack: Stack | null;
  /** Loopback ports of this host that other services were given. */
  readonly taken: readonly number[];
  /** As in {@link Situation}. */
  readonly others?: number | undefined;
  /** Hashes of files that services share, as preparations of the others wrote them, by path. */
  readonly shared?: ReadonlyMap<string, readonly string[]> | undefined;
  /** What is on disk, by path below the project's root. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly find: FindTemplate;
}

/** What `prepare` would do; nothing has been written. */
export interface PreparationPlan {
  readonly memo: string;
  readonly service: string;
  readonly version: string;
  readonly host: string;
  /** Null as long as a blocking question leaves no steps to write. */
  readonly runbook: { readonly id: string; readonly path: string } | null;
  /** The service's earlier runbook, where this one takes its place and nobody has decided on it: its files are others now. */
  readonly replaced: string | null;
  /** Configuration, then the runbook, then the manifest. */
  readonly files: readonly PlannedFile[];
  readonly questions: readonly Question[];
  /** Boxes of the memo that this did, open until now. */
  readonly ticks: readonly TaskItem[];
  /** Body of the reply to the sender. */
  readonly reply: string;
  /** For STATE.md's recent progress, without the date. */
  readonly progress: string;
  /** Whether any file would be written. */
  readonly changed: boolean;
}

/**
 * Pure: the same input gives the same plan, and a plan over its own outcome changes nothing.
 *
 * @throws VibeopsError as requireOwnNames, requireBesideCaddy, plainDomains and writeDeploymentRunbook
 */
export function planPreparation(input: PreparationInput): PreparationPlan {
  requireOwnNames(input.block);
  requireBesideCaddy(input.place);
  const target = targetOf(input);
  const { memo, find, staticFiles, stack } = input;
  const first = describeSituation(input);
  const ask = (situation: Situation) => askForTarget(situation, { files: staticFiles, stack }, find);
  const prepared = {
    situation: first,
    questions: ask(first),
    memo: memo.id,
    files: staticFiles,
    stack,
    goingBack: null,
    find,
  };
  const configuration = target
    .writeFiles({ ...prepared, runbook: input.newRunbook })
    .map((file) => plan(file, input));
  const kept = configuration.filter((file) => file.action === "kept-edited").map((file) => file.path);
  const situation = { ...first, kept };
  const questions = ask(situation);
  const make = (runbook: string): TargetInput => ({ ...prepared, situation, questions, runbook });
  const runbook = planRunbook(input, make, configuration);
  const files = runbook === null ? configuration : [...configuration, runbook.file];
  const id = runbook?.id ?? null;
  const all = [...files, planManifest(input, situation, files, id)];
  const made = whatIsMade(configuration, id, questions);
  return {
    memo: input.memo.id,
    service: input.block.service,
    version: input.block.version,
    host: input.place.hostName,
    runbook: runbook === null ? null : { id: runbook.id, path: runbook.file.path },
    replaced: findReplaced(input, id),
    files: all,
    questions,
    ticks: findPreparedItems(scanChecklist(input.memo.text), made),
    reply: writeReply(input, questions, files, id),
    progress: progressLine(input, questions, id),
    changed: all.some((file) => file.action === "create" || file.action === "update"),
  };
}

function describeSituation(input: PreparationInput): Situation {
  const { block, place, earlier, taken, repository, commit, others } = input;
  const port = earlier?.host === place.hostName ? earlier.port : undefined;
  return {
    block,
    place,
    settings: chooseSettings(block, place, { port, taken }),
    repository,
    commit,
    kept: [],
    cameFrom: previousHost(input),
    others,
  };
}

/** Prepared once more from the same memo, it still comes from there. */
function previousHost({ earlier, place, memo }: PreparationInput): string | undefined {
  if (earlier === null) return undefined;
  if (earlier.host !== place.hostName) return earlier.host;
  return earlier.memo === memo.id ? earlier.came_from : undefined;
}

/** What any preparation wrote is no person's edit: a host's Caddy is prepared with each of its services. */
function plan(file: PreparedFile, { files, earlier, shared }: PreparationInput): PlannedFile {
  const before = files.get(file.path) ?? null;
  const hash = before === null ? undefined : sha256(before);
  const isOurs = hash !== undefined && shared?.get(file.path)?.includes(hash) === true;
  return planFile(file, before, isOurs ? hash : earlier?.files[file.path]);
}

interface PlannedRunbook {
  id: string;
  file: PlannedFile;
}

/**
 * The earlier runbook of the same memo is brought up to date as long as nobody has decided on it; a decided one
 * stays as it is, and what changed goes into a new one. One that was closed is never walked again.
 */
function planRunbook(
  input: PreparationInput,
  make: (runbook: string) => TargetInput,
  configuration: readonly PlannedFile[],
): PlannedRunbook | null {
  const write = (id: string): PlannedRunbook | null => {
    const content = writeDeploymentRunbook(make(id), input.author, { readFile: effective });
    if (content === null) return null;
    return { id, file: plan({ path: runbookPath(id), content }, input) };
  };
  const writeNew = () => {
    const cutOff = (input.cutOffRunbooks ?? []).filter((id) => input.files.has(runbookPath(id)));
    const again = cutOff.map(write).find((planned) => planned?.file.action === "unchanged");
    return again ?? write(input.newRunbook);
  };
  const { earlier } = input;
  if (earlier?.runbook === undefined || earlier.memo !== input.memo.id || input.earlierIsClosed)
    return writeNew();
  const updated = write(earlier.runbook);
  if (updated === null) return null;
  const differs = updated.file.action === "update" || earlier.block !== blockHash(input.block);
  if (input.earlierIsDecided && differs && updated.file.action !== "unchanged") return writeNew();
  return updated;

  /** What the steps will install: what a person edited stays, so that is what counts. */
  function effective(path: string): Uint8Array {
    const file = configuration.find((planned) => planned.path === path);
    const kept = file?.action === "kept-edited" ? file.before : null;
    return kept ?? Buffer.from(file?.content ?? "");
  }
}

/** One that was decided on stays in the trail. */
function findReplaced(
  { earlier, earlierIsDecided, files }: PreparationInput,
  id: string | null,
): string | null {
  const before = earlier?.runbook;
  if (before === undefined || id === null || before === id || earlierIsDecided) return null;
  return files.has(runbookPath(before)) ? before : null;
}

export function blockHash(block: DeploymentBlock): string {
  return sha256(JSON.stringify(block));
}

/** A kept file keeps the hash of what we wrote, so that it stays known as edited. */
function planManifest(
  input: PreparationInput,
  situation: Situation,
  files: readonly PlannedFile[],
  runbook: string | null,
): PlannedFile {
  const hashes = files.flatMap(({ path, content, action }): [string, string][] => {
    const hash = action === "kept-edited" ? input.earlier?.files[path] : sha256(content);
    return hash === undefined ? [] : [[path, hash]];
  });
  const { settings } = situation;
  const content = formatManifest({
    memo: input.memo.id,
    block: blockHash(input.block),
    version: input.block.version,
    host: input.place.hostName,
    ...(situation.cameFrom === undefined ? {} : { came_from: situation.cameFrom }),
    ...(settings.port === null || !isPublished(situation) ? {} : { port: settings.port.host }),
    ...(runbook === null ? {} : { runbook }),
    files: Object.fromEntries(hashes),
  });
  const path = manifestPath(input.block.service);
  const before = input.files.get(path) ?? null;
  return planFile({ path, content }, before, before === null ? undefined : sha256(before));
}

/** Configuration with a hole in it was not prepared: its box stays open until the question is answered. */
function whatIsMade(
  configuration: readonly PlannedFile[],
  runbook: string | null,
  questions: readonly Question[],
) {
  const has = (ending: string) => configuration.some((file) => file.path.endsWith(ending));
  const complete = !questions.some((question) => question.blocking);
  return {
    compose: complete && (has("/compose.yaml") || has("/files.sha256")),
    site: complete && configuration.some((file) => isSite(file.path)),
    env: has("/env.example"),
    runbook: complete && runbook !== null,
    questions: true,
  };
}

function isSite(path: string): boolean {
  return [".caddy", ".conf", "/traefik.yaml"].some((ending) => path.endsWith(ending));
}

function writeReply(
  input: PreparationInput,
  questions: readonly Question[],
  files: readonly PlannedFile[],
  runbook: string | null,
): string {
  const asked = questions.filter((question) => question.to === "sender");
  return render(input.find, "deploy/reply.md", {
    service: input.block.service,
    version: input.block.version,
    host: input.place.hostName,
    runbook: runbook ?? "",
    files: files.map((file) => ({ path: codeSpan(file.path), edited: file.action === "kept-edited" })),
    answers: asked.length === 0 ? "" : "wanted",
    questions: asked.map(({ question, why, field, blocking }) => ({
      question,
      why,
      field: field === undefined ? "" : codeSpan(field),
      blocking,
    })),
  });
}

function progressLine(
  { block, place, memo }: PreparationInput,
  questions: readonly Question[],
  id: string | null,
): string {
  const open = questions.length === 0 ? "no open questions" : `${questions.length} open questions`;
  return `Prepared ${block.service} ${block.version} for ${place.hostName} (memo ${memo.id}): ${id === null ? "no runbook yet" : `runbook ${id}`}, ${open}`;
}

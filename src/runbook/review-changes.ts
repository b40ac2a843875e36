import { VibeopsError } from "../errors.ts";
import { tryDecodeText } from "../text/decode.ts";
import { unifiedDiff } from "../text/diff.ts";
import { findApprovedBytes } from "./approved-bytes.ts";
import { type CurrentContent, RULE_FILES } from "./current-content.ts";
import { type EarlierApproval, findEarlierApproval, MOST_LOOKED_AT } from "./earlier-approval.ts";
import type { Gate } from "./gate.ts";
import { compareHosts } from "./lapse.ts";
import { linesOf, note, quoted, type ReviewLine, type ReviewPage } from "./review-line.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import type { Statement } from "./statement.ts";

/** What is different from what was approved before: the runbook and its files, and the rules that it is judged by. */
export async function changePages(
  gate: Gate,
  loaded: LoadedRunbook,
  current: CurrentContent,
): Promise<ReviewPage[]> {
  const earlier = await findEarlierApproval(gate, loaded);
  return [
    {
      title: "Changes since this service was approved before",
      lines: await serviceLines(gate, loaded, current, earlier),
    },
    { title: "Changes of the rules since", lines: await ruleLines(gate, current, earlier) },
  ];
}

async function serviceLines(
  gate: Gate,
  loaded: LoadedRunbook,
  current: CurrentContent,
  earlier: EarlierApproval | null,
): Promise<ReviewLine[]> {
  if (earlier === null || !earlier.sameSubject) {
    return [
      note(`none of the last ${MOST_LOOKED_AT} runbooks of this project was approved for the same service`),
    ];
  }
  const { statement } = earlier;
  const { id } = statement.runbook;
  const was = { sha256: statement.runbook.sha256, base: statement.base };
  const before = await findApprovedBytes(gate.git, gate.project.root, `runbooks/${id}/runbook.md`, was);
  const text = before === null ? null : withoutIds(before.toString("utf8"));
  const hosts = compareHosts(statement, current.content).map(({ what }) => note(what));
  return [
    note(`compared with ${describe(statement)}`),
    ...hosts,
    ...difference("runbook.md", text, withoutIds(loaded.runbook.text)),
    ...(await fileLines(gate, current, statement)),
  ];
}

function describe({ runbook, approver, created }: Statement): string {
  return `runbook ${runbook.id} (${runbook.title}), which ${approver} approved on ${created}`;
}

/** Ids differ in every runbook and stand in each path of what is kept for the way back: they would hide the rest. */
function withoutIds(text: string): string {
  return text.replaceAll(/\b\d{8}T\d{6}Z-[0-9a-z]{8}\b/g, "ID");
}

async function fileLines(gate: Gate, current: CurrentContent, before: Statement): Promise<ReviewLine[]> {
  const now = new Map(current.content.files.map((file) => [file.path, file.sha256]));
  const then = new Map(before.files.map((file) => [file.path, file.sha256]));
  const lines: ReviewLine[] = [];
  for (const path of new Set([...now.keys(), ...then.keys()])) {
    const was = then.get(path) ?? "absent";
    const is = now.get(path) ?? "absent";
    const after = is === "absent" ? null : tryRead(current, path);
    lines.push(...(await compareFile(gate, path, { was, is, base: before.base }, after)));
  }
  return lines;
}

function tryRead({ files }: CurrentContent, path: string): Uint8Array | null {
  try {
    return files.readFile(path);
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

async function ruleLines(
  gate: Gate,
  current: CurrentContent,
  earlier: EarlierApproval | null,
): Promise<ReviewLine[]> {
  const lines = [
    note(
      earlier === null
        ? "nothing was approved in this project before: all of it is new"
        : `since ${describe(earlier.statement)}`,
    ),
  ];
  for (const [key, file] of Object.entries(RULE_FILES) as [keyof typeof RULE_FILES, string][]) {
    const was = earlier?.statement[key] ?? "absent";
    const change = { was, is: current.content[key], base: earlier?.statement.base ?? "none" };
    lines.push(...(await compareFile(gate, file, change, current.rules[key])));
  }
  return lines;
}

interface Change {
  /** sha256, or `absent`. */
  readonly was: string;
  readonly is: string;
  readonly base: string;
}

async function compareFile(
  gate: Gate,
  path: string,
  change: Change,
  after: Uint8Array | null,
): Promise<ReviewLine[]> {
  const { was, is, base } = change;
  if (was === is) return [note(""), note(`${path}: ${is === "absent" ? "there is none" : "unchanged"}`)];
  if (is === "absent") return [note(""), note(`${path}: it was there, and is gone`)];
  const found =
    was === "absent"
      ? null
      : await findApprovedBytes(gate.git, gate.project.root, path, { sha256: was, base });
  const before = was === "absent" ? "" : found === null ? null : tryDecodeText(found);
  return difference(path, before, after === null ? null : tryDecodeText(after), found !== null);
}

/** @param before null where it cannot be had: then all of what is there now is shown as new, and it says so */
function difference(
  path: string,
  before: string | null,
  after: string | null,
  wasFound = false,
): ReviewLine[] {
  if (after === null || (before === null && wasFound))
    return [note(""), note(`${path}: it changed, and is no text`)];
  if (before === null) {
    const why = "it changed, and the version that was approved is not in git: here is all of it as it is now";
    return [note(""), note(`${path}: ${why}`), ...linesOf(after).map((line) => quoted(line, "+"))];
  }
  if (before === after) return [note(""), note(`${path}: unchanged`)];
  const title = before === "" ? `${path}: it is new` : `${path}: it changed`;
  const patch = linesOf(unifiedDiff(before, after, path)).filter((line) => !/^(?:---|\+\+\+) /.test(line));
  return [note(""), note(title), ...patch.map(patchLine)];
}

function patchLine(line: string): ReviewLine {
  return line.startsWith("@@") ? quoted(line, "@") : quoted(line.slice(1), line.slice(0, 1));
}

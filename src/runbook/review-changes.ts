import { VibeopsError } from "../errors.ts";
import { tryDecodeText } from "../text/decode.ts";
import { unifiedDiff } from "../text/diff.ts";
import { findApprovedBytes } from "./approved-bytes.ts";
import type { CurrentContent } from "./current-content.ts";
import { type EarlierApproval, findEarlierApproval, MOST_LOOKED_AT } from "./earlier-approval.ts";
import type { Gate } from "./gate.ts";
import { compareHosts } from "./lapse.ts";
import { linesOf, note, quoted, quotedExactly, type ReviewLine, type ReviewPage } from "./review-line.ts";
import { RULE_FILES } from "./rule-files.ts";
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
  const text = before === null ? null : withoutOwnId(before.toString("utf8"), id);
  const hosts = compareHosts(statement, current.content).map(({ what }) => note(what));
  return [
    note(`compared with ${describe(statement)}`),
    ...hosts,
    ...difference("runbook.md", text, withoutOwnId(loaded.runbook.text, loaded.runbook.id)),
    ...(await fileLines(gate, current, statement)),
  ];
}

function describe({ runbook, approver, created }: Statement): string {
  return `runbook ${runbook.id} (${runbook.title}), which ${approver} approved on ${created}`;
}

/**
 * A runbook's own id differs in each, and stands in every path of what is kept for its way back: it would hide the rest.
 * Any other id says which memo, backup or release is meant.
 */
function withoutOwnId(text: string, id: string): string {
  return text.replaceAll(id, "ID");
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
  const patch = linesOf(unifiedDiff(before, after, path));
  return [
    note(""),
    note(title),
    ...patchLines(patch.slice(patch.findIndex((line) => line.startsWith("@@")))),
  ];
}

/** From the first `@@` on. Lines that went and came and look alike differ in white space, which is shown then. */
function patchLines(patch: readonly string[]): ReviewLine[] {
  const look = (line: string) => quoted(line.slice(1), "").text.replaceAll(/\p{Zs}/gu, " ");
  const looksOf = (sign: string) => new Set(patch.filter((line) => line.startsWith(sign)).map(look));
  const [gone, come] = [looksOf("-"), looksOf("+")];
  return patch.map((line) => {
    if (line.startsWith("@@")) return quoted(line, "@");
    const twin = { "-": come, "+": gone }[line.slice(0, 1)];
    const show = twin?.has(look(line)) === true ? quotedExactly : quoted;
    return show(line.slice(1), line.slice(0, 1));
  });
}

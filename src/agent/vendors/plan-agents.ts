import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import { publishNew, readIfExists, writeFileDurably } from "../../platform/files.ts";
import { ensureDirectory } from "../../platform/folders.ts";
import { replaceFile } from "../../platform/replace.ts";
import { decodeText } from "../../text/decode.ts";
import { newlineOf } from "../../text/splice.ts";
import { claudeSettings } from "./claude.ts";
import { codexSettings } from "./codex.ts";
import { geminiSettings } from "./gemini.ts";
import { addJsonEntries, hasJsonEntries, removeJsonEntries } from "./json-entries.ts";
import type { Program, Settings, SettingsFile } from "./settings.ts";
import type { Vendor } from "./vendor.ts";

const BEGIN = "# vibeops: begin";
const END = "# vibeops: end";
const NOTES = ".vibeops/agents.json";

/** What becomes of one file; null where there is or will be none. */
export interface FileChange {
  path: string;
  before: string | null;
  after: string | null;
  /** Why it is left as it is, where something of ours should change in it. */
  left?: string;
}

/** What each file was before and after us, so that it can be put back to the byte. Local: it may be deleted. */
type Remembered = Record<string, { before: string | null; after: string }>;

const settingsOf: Readonly<Record<Vendor, (program: Program) => Settings>> = {
  claude: claudeSettings,
  codex: codexSettings,
  gemini: geminiSettings,
};

export function vendorSettings(vendor: Vendor, program: Program): Settings {
  return settingsOf[vendor](program);
}

/**
 * What adding a vendor's configuration would change in a project, file by file; nothing where all of it is there.
 *
 * @throws VibeopsError `agents.settings` where a file cannot be added to
 */
export function planAdding(root: string, settings: Settings): FileChange[] {
  const added = settings.files.map((file): FileChange => {
    const before = readText(root, file.path);
    return { path: file.path, before, after: withOurs(before, file) };
  });
  const notes = readNotes(root);
  const retired = (settings.retired ?? []).map((file): FileChange => {
    const before = readText(root, file.path);
    const after = before === null ? null : withoutOurs(before, file, notes[file.path]?.before ?? null);
    return { path: file.path, before, after };
  });
  return [...added, ...retired].filter(({ before, after }) => before !== after);
}

function withOurs(before: string | null, file: SettingsFile): string {
  if (file.kind === "whole") {
    if (before === null || before === file.text) return file.text;
    throw otherText(file.path, "a file of that name is there already");
  }
  if (file.kind === "json") {
    const text = before === null || before.trim() === "" ? "{}\n" : before;
    return addJsonEntries(text, file.entries, file.path);
  }
  const text = before ?? "";
  const newline = newlineOf(text);
  const block = blockOf(file.text, newline);
  if (text.includes(block)) return text;
  if (file.clash.test(text)) throw otherText(file.path, "it has a part of that name already");
  const gap = text === "" || text.endsWith("\n") ? "" : newline;
  return `${text}${gap}${block}`;
}

function blockOf(text: string, newline: string): string {
  return `${BEGIN}\n${text}${END}\n`.replaceAll("\n", newline);
}

/** What taking it away would change: what was added, and to the byte where nothing else changed since. */
export function planRemoving(root: string, vendor: Vendor): FileChange[] {
  const remembered = readNotes(root);
  // Whichever way it was added.
  const ways = [true, false].map((isOnPath) => vendorSettings(vendor, programAsWritten(root, isOnPath)));
  const files = new Map(ways.flatMap(({ files: all }) => all).map((file) => [file.path, file]));
  return [...files.keys()].flatMap((path) => {
    const kinds = ways.flatMap(({ files: all }) => all.filter((file) => file.path === path));
    const before = readText(root, path);
    const note = remembered[path];
    if (before === null) return [];
    if (note !== undefined && note.after === before) return [{ path, before, after: note.before }];
    const after = kinds.reduce<string | null>(
      (text, file) => (text === null ? null : withoutOurs(text, file, note?.before ?? null)),
      before,
    );
    const left = kinds.every(({ kind }) => kind === "whole") && after === before;
    if (left) return [{ path, before, after, left: "somebody changed it; delete it by hand" }];
    return after === before ? [] : [{ path, before, after }];
  });
}

function withoutOurs(text: string, file: SettingsFile, before: string | null): string | null {
  if (file.kind === "json") return removeJsonEntries(text, file.entries, before, file.path);
  if (file.kind === "whole") return text === file.text ? null : text;
  const rest = text.replace(blockOf(file.text, newlineOf(text)), "");
  return rest === "" && before === null ? null : rest;
}

/**
 * How much of what we would write is there, whichever way it was added: with the plain name, or with the absolute path
 * where that is not on the PATH.
 *
 * @throws VibeopsError `agents.settings` where a file is not well-formed
 */
export function settingsHere(
  root: string,
  vendor: Vendor,
  program: Program,
): { settings: Settings; state: "all" | "part" | "none" } {
  const settings = vendorSettings(vendor, program);
  const ways = [settings, ...[true, false].map((way) => vendorSettings(vendor, programAsWritten(root, way)))];
  const whole = ways.find(
    ({ files, retired = [] }) =>
      files.every((file) => isThere(root, file, "all")) &&
      !retired.some((file) => isThere(root, file, "any")),
  );
  if (whole !== undefined) return { settings: { ...settings, command: whole.command }, state: "all" };
  const isPart = ways.some(({ files }) => files.some((file) => isThere(root, file, "any")));
  return { settings, state: isPart ? "part" : "none" };
}

function isThere(root: string, file: SettingsFile, much: "all" | "any"): boolean {
  const text = readText(root, file.path);
  if (text === null) return false;
  if (file.kind === "json") return hasJsonEntries(text, file.entries, file.path, much);
  return file.kind === "whole" ? text === file.text : text.includes(blockOf(file.text, newlineOf(text)));
}

/**
 * Carries out what was planned, and notes it for the way back.
 *
 * @throws VibeopsError `file.changed` where a file was made or changed since
 */
export async function applyChanges(root: string, changes: readonly FileChange[]): Promise<void> {
  const remembered = readNotes(root);
  for (const change of changes.filter(({ left }) => left === undefined)) {
    await writeChange(root, change);
    const { path, before, after } = change;
    const earlier = remembered[path];
    delete remembered[path];
    const first = earlier !== undefined && earlier.after === before ? earlier.before : before;
    if (after !== null && after !== first) remembered[path] = { before: first, after };
  }
  const folder = ensureDirectory(root, dirname(NOTES));
  const text = Buffer.from(`${JSON.stringify(remembered)}\n`);
  if (Object.keys(remembered).length > 0) writeFileDurably(join(folder, basename(NOTES)), text);
  else rmSync(join(folder, basename(NOTES)), { force: true });
}

async function writeChange(root: string, { path, before, after }: FileChange): Promise<void> {
  const file = join(ensureDirectory(root, dirname(path)), basename(path));
  if (after === null) {
    if (readText(root, path) !== before) throw changedMeanwhile(file);
    rmSync(file);
    removeEmptyFolders(root, dirname(path));
    return;
  }
  if (before !== null) return await replaceFile(file, Buffer.from(before), Buffer.from(after));
  if (publishNew(file, Buffer.from(after)) === "created") return;
  throw changedMeanwhile(file);
}

/** Folders that were there for our file alone. */
function removeEmptyFolders(root: string, path: string): void {
  if (path === "." || readdirSync(join(root, path)).length > 0) return;
  rmdirSync(join(root, path));
  removeEmptyFolders(root, dirname(path));
}

function changedMeanwhile(file: string): VibeopsError {
  return new VibeopsError({
    code: "file.changed",
    exit: Exit.conflict,
    message: "somebody made or changed this file in the meantime; it was left as it is",
    file,
    fix: "run the command again",
  });
}

function readText(root: string, path: string): string | null {
  const bytes = readIfExists(join(root, path));
  return bytes === null ? null : decodeText(bytes, path);
}

function readNotes(root: string): Remembered {
  try {
    return JSON.parse(readText(root, NOTES) ?? "{}");
  } catch {
    return {};
  }
}

/** The path under which the hooks were written here, if by one; else the plain name. */
function programAsWritten(root: string, isOnPath: boolean): Program {
  if (isOnPath) return { command: "vibeops", isOnPath };
  const local = readText(root, ".claude/settings.local.json") ?? "";
  const [, command = "vibeops"] = /"((?:[^"\\]|\\.)+?) guard --hook claude \|\| exit 2"/.exec(local) ?? [];
  return { command: JSON.parse(`"${command}"`), isOnPath };
}

function otherText(path: string, why: string): VibeopsError {
  return new VibeopsError({
    code: "agents.settings",
    exit: Exit.invalid,
    message: `what vibeops would write is not ours to change: ${why}`,
    file: path,
    fix: "rename or remove that part by hand, then run the command again",
  });
}

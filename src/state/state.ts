import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { readIfExists } from "../platform/files.ts";
import type { FileChange } from "../platform/git-commit.ts";
import { replaceFile } from "../platform/replace.ts";
import type { Undo } from "../platform/undo.ts";
import type { Project } from "../project/project.ts";
import { findSection, scanBlocks } from "../text/blocks.ts";
import { decodeText } from "../text/decode.ts";
import { editState, type StateEdit } from "./edit-state.ts";
import { STATE_FILE, STATE_SECTIONS, type StateSection } from "./sections.ts";

export { STATE_FILE } from "./sections.ts";

/** How many items of recent progress stay in the file unless vibeops.yaml says otherwise; older ones are in git. */
const DEFAULT_RECENT = 10;

/** More writers in a row than a person could start; each loss means that somebody else's edit went in. */
const ATTEMPTS = 50;

/** STATE.md as it stands on disk. */
export interface State {
  /** Absolute path. */
  file: string;
  text: string;
  /** The text under each heading, without blank lines around it; empty where the heading is missing. */
  sections: Record<StateSection, string>;
  /** Titles of further sections that people added, and of those of the four that stand there once more. */
  others: readonly string[];
}

/** Null where there is no STATE.md. @throws VibeopsError `text.utf8`, `file.symlink`, `file.type` */
export function readState(project: Pick<Project, "root">): State | null {
  const file = join(project.root, STATE_FILE);
  const bytes = readIfExists(file);
  return bytes === null ? null : parseState(decodeText(bytes, file), file);
}

export function parseState(text: string, file: string): State {
  const sections = { status: "", progress: "", next: "", handover: "" };
  for (const { key, title } of STATE_SECTIONS) {
    const section = findSection(text, title, 2);
    if (section !== null) sections[key] = text.slice(section.bodyStart, section.end).trim();
  }
  const unseen = new Set(STATE_SECTIONS.map(({ title }) => title.toLowerCase()));
  const others = scanBlocks(text)
    .headings.filter((heading) => heading.depth === 2 && !unseen.delete(heading.text.trim().toLowerCase()))
    .map((heading) => heading.text);
  return { file, text, sections, others };
}

/**
 * Makes the edit in the working copy, under its lock and only over what was read: whoever writes at the same time
 * is read again, not overwritten. Returns the same edit for the commit: it goes into HEAD's version, so that what
 * a person has not finished stays in the working copy and uncommitted. Where HEAD has no STATE.md, all of it is new.
 *
 * @throws VibeopsError `state.structure`, `file.changed` (exit 7) after many lost races, `lock.held`
 */
export async function applyStateEdit(
  project: Pick<Project, "root" | "config">,
  edit: StateEdit,
  undo?: Undo,
): Promise<FileChange> {
  const path = join(project.root, STATE_FILE);
  const keep = project.config.state?.recent ?? DEFAULT_RECENT;
  const change = (bytes: Buffer | null) => {
    return Buffer.from(editState(bytes === null ? "" : decodeText(bytes, path), edit, { keep, file: path }));
  };
  for (let attempt = 1; ; attempt += 1) {
    const before = readIfExists(path);
    const after = change(before);
    try {
      if (before === null || !before.equals(after)) await replaceFile(path, before, after, undo);
      return { path, edit: (inHead) => (inHead === null ? after : change(inHead)) };
    } catch (error) {
      if (!isLostRace(error) || attempt >= ATTEMPTS) throw error;
    }
  }
}

function isLostRace(error: unknown): boolean {
  return error instanceof VibeopsError && error.code === "file.changed";
}

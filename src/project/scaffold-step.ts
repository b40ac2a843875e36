import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { readIfExists } from "../platform/files.ts";
import type { Project } from "./project.ts";

export interface ScaffoldStep {
  /** Below the project's folder, with forward slashes. */
  path: string;
  /** `skip`: it is there in a form that is not ours to change; `why` says which. */
  action: "create" | "append" | "unchanged" | "skip";
  /** Null where there is nothing yet. */
  before: Buffer | null;
  /** The whole file as it will be. */
  content: Buffer;
  why?: string;
}

export interface ScaffoldSubject {
  root: string;
  name: string;
  roles: readonly string[];
  provider: string;
  existing: Project | null;
  /** What agents may run, for a vibeops.yaml that is made; one that is there keeps its own. */
  commands: Readonly<Record<string, string>>;
}

/** The step that adds `addition` to the end of a file, in the file's own line ends, or creates it. */
export function appended(path: string, before: Buffer | null, addition: string): ScaffoldStep {
  if (before === null || before.length === 0) {
    return { path, action: before === null ? "create" : "append", before, content: Buffer.from(addition) };
  }
  const newline = before.includes("\r\n") ? "\r\n" : "\n";
  const gap = before.at(-1) === 0x0a ? "" : newline;
  const content = Buffer.concat([before, Buffer.from(gap + addition.replaceAll("\n", newline))]);
  return { path, action: "append", before, content };
}

export function unchanged(path: string, before: Buffer): ScaffoldStep {
  return { path, action: "unchanged", before, content: before };
}

export function skip(path: string, why: string): ScaffoldStep {
  return { path, action: "skip", before: null, content: Buffer.alloc(0), why };
}

/** The bytes, null where there is nothing, or `other` for a link, a folder or a device: those are not ours to change. */
export function readOrNull(root: string, path: string): Buffer | null | "other" {
  try {
    return readIfExists(join(root, path));
  } catch (error) {
    if (error instanceof VibeopsError && error.code.startsWith("file.")) return "other";
    throw error;
  }
}

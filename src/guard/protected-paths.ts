import { GLOB, PLAIN, UNKNOWN } from "./markers.ts";

/** The hand that writes: memos that came in may be ticked in an editor, while a shell may do anything to a folder. */
export type Writer = "shell" | "editor";

interface ProtectedPath {
  pattern: RegExp;
  reason: string;
  /** Absent: from both. */
  from?: Writer;
  /** Paths as they would be found, for patterns of file names. */
  samples: readonly string[];
}

const proves = "approvals and records prove what happened";
const memoReason = "memos change through 'vibeops memo' only";

/** Files that decide what the gate does or that prove what happened: written by vibeops or a person only. */
const protectedPaths: readonly ProtectedPath[] = [
  {
    pattern: /^\.vibeops(\/|$)/,
    reason: "running sessions and queues lie there",
    samples: [".vibeops/session.yaml"],
  },
  { pattern: /^memos(\/|$)/, from: "shell", reason: memoReason, samples: ["memos/incoming/x.md"] },
  {
    pattern: /^memos(?!\/incoming\/[^/]+\.md$)(\/|$)/,
    from: "editor",
    reason: memoReason,
    samples: ["memos/archived/2026-11/x.md"],
  },
  {
    pattern: /^runbooks\/[^/]*\/?(approvals|records|record\.md)(\/|$)/,
    reason: proves,
    samples: ["approvals/y.yaml", "approvals/y.yaml.sig", "records/y.jsonl", "record.md"].map(
      (name) => `runbooks/x/${name}`,
    ),
  },
  { pattern: /^runbooks(\/[^/]*)?\/?$/, reason: proves, samples: [] },
  { pattern: /(^|\/)approvals\//, reason: "approvals are a person's", samples: [] },
  {
    pattern: /^(policy|inventory)\.ya?ml$/,
    reason: "it decides what needs an approval",
    samples: ["policy.yaml", "inventory.yaml"],
  },
  {
    pattern: /(^|\/)vibeops\.ya?ml$/,
    reason: "it decides who works here and what may run",
    samples: ["vibeops.yaml"],
  },
  {
    pattern: /(^|\/)\.git(\/|$)/,
    reason: "hooks and settings in there run programs",
    samples: [".git", ".git/config", ".git/hooks/x"],
  },
  {
    pattern: /(^|\/)\.(claude|codex|gemini)(\/|$)/,
    reason: "it holds the guard's own configuration",
    samples: [".claude/settings.json", ".codex/config.toml", ".codex/hooks.json", ".codex/rules/x.rules"],
  },
  { pattern: /(^|\/)\.mcp\.json$/, reason: "it starts programs", samples: [".mcp.json"] },
  {
    pattern: /(^|\/)node_modules\/(\.bin\/.|vibeops(\/|$))/,
    reason: "programs of the project run from there",
    samples: [],
  },
];

/** What lies directly in a project and must not be reached by another name. */
export const protectedNames: readonly string[] = [
  ".vibeops",
  "memos",
  "runbooks",
  "policy.yaml",
  "inventory.yaml",
  "vibeops.yaml",
  ".git",
  ".claude",
  ".codex",
  ".gemini",
  ".mcp.json",
];

/** Why a path below the project's folder must not be written, or null. It may hold markers. */
export function protectedReason(relative: string, writer: Writer): string | null {
  const path = fold(relative);
  const fixed = path.split(GLOB)[0]?.split(UNKNOWN)[0] ?? "";
  const reach = /[\uE000-\uE002]/.test(path) ? reachOf(path) : null;
  const found = protectedPaths.find(
    ({ pattern, from, samples }) =>
      (from ?? writer) === writer &&
      (pattern.test(path) || pattern.test(fixed) || samples.some((sample) => reach?.test(sample))),
  );
  return found?.reason ?? null;
}

/** As a file system may read it that knows no case, drops characters without width, or dots and spaces at an end. */
function fold(path: string): string {
  if (/^[\x21-\x7e]*$/.test(path) && !/\.(\/|$)/.test(path)) return path.toLowerCase();
  return path
    .normalize("NFKC")
    .toUpperCase()
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/(?<=[^./ ])[. ]+(?=\/|$)/g, "");
}

/** The files that a pattern of names may find. One that stands for a whole name in the midst stands for folders too. */
function reachOf(path: string): RegExp {
  const parts = path.split("/").map((part, index, { length }) => {
    if (part === GLOB && index < length - 1) return null;
    const text = part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const open = text.replaceAll(GLOB, "[^/]*").replaceAll(UNKNOWN, ".*").replaceAll(PLAIN, "[^/]*");
    return part.startsWith(GLOB) ? `(?!\\.)${open}` : open;
  });
  const body = parts.map((part, index) =>
    part === null ? "(?:.*/)?" : part + (index < parts.length - 1 ? "/" : ""),
  );
  return new RegExp(`^${body.join("")}(?:/.*)?$`);
}

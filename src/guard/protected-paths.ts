import { GLOB, PLAIN, UNKNOWN } from "./markers.ts";

/**
 * The hand that writes. A shell may do anything to a folder; in an editor a memo that came in may be ticked; our own tools
 * have others for memos and STATE.md, which write them as they have to be.
 */
export type Writer = "shell" | "editor" | "tool";

interface ProtectedPath {
  pattern: RegExp;
  reason: string;
  /** Absent: from all of them. */
  from?: readonly Writer[];
  /** The same below the project's folder, in the form that vendors' own rules take. */
  globs: readonly string[];
  /** Paths as they would be found, for patterns of file names. */
  samples?: readonly string[];
}

const proves = "approvals and records prove what happened";
const memoReason = "memos change through 'vibeops memo' only";

/**
 * Files that decide what the gate does and what agents may do, or that prove what happened: written by vibeops or a
 * person only. The one list of them, for commands, for the editing tools of the agent CLIs and for our own tools.
 */
const protectedPaths: readonly ProtectedPath[] = [
  {
    pattern: /^\.vibeops(\/|$)/,
    reason: "running sessions and queues lie there",
    globs: [".vibeops/**"],
    samples: [".vibeops/session.yaml"],
  },
  {
    pattern: /^memos(\/|$)/,
    from: ["shell", "tool"],
    reason: memoReason,
    globs: [],
    samples: ["memos/incoming/x.md"],
  },
  {
    pattern: /^memos(?!\/incoming\/[^/]+\.md$)(\/|$)/,
    from: ["editor"],
    reason: memoReason,
    globs: ["memos/archived/**"],
  },
  {
    pattern: /^runbooks\/[^/]*\/?(approvals|records|record\.md|seal\.yaml)(\/|$)/,
    reason: proves,
    globs: ["approvals/**", "records/**", "record.md", "seal.yaml"].map((name) => `runbooks/*/${name}`),
    samples: ["approvals/y.yaml", "approvals/y.yaml.sig", "records/y.jsonl", "record.md", "seal.yaml"].map(
      (name) => `runbooks/x/${name}`,
    ),
  },
  { pattern: /^runbooks(\/[^/]*)?\/?$/, reason: proves, globs: [] },
  { pattern: /(^|\/)approvals\//, reason: "approvals are a person's", globs: [] },
  {
    pattern: /^(policy|inventory)\.ya?ml$/,
    reason: "it decides what needs an approval",
    globs: ["policy.yaml", "inventory.yaml"],
    samples: ["policy.yaml", "inventory.yaml"],
  },
  {
    pattern: /(^|\/)vibeops\.ya?ml$/,
    reason: "it decides who works here and what may run",
    globs: ["vibeops.yaml"],
    samples: ["vibeops.yaml"],
  },
  {
    pattern: /^templates(\/|$)/,
    reason: "it says what roles may do and what is written from it",
    globs: ["templates/**"],
    samples: ["templates/roles/x.md", "templates/project/AGENTS.md"],
  },
  {
    pattern: /(^|\/)(agents|claude|gemini)(\.local)?\.md$/,
    reason: "it tells agents what to do",
    // By name only: *.md stands for a project's own documents.
    globs: ["AGENTS.md", "CLAUDE.md", "GEMINI.md"],
  },
  {
    pattern: /^state\.md$/,
    from: ["tool"],
    reason: "it changes section by section",
    globs: [],
  },
  {
    pattern: /^\.git(hub|lab-ci\.yml|modules)(\/|$)|^\.husky(\/|$)/,
    from: ["tool"],
    reason: "it decides what runs elsewhere",
    globs: [],
  },
  {
    pattern: /(^|\/)\.gitattributes$/,
    from: ["tool"],
    reason: "it decides what git makes of files",
    globs: [],
  },
  {
    pattern: /(^|\/)\.git(\/|$)/,
    reason: "hooks and settings in there run programs",
    globs: [".git/**"],
    samples: [".git", ".git/config", ".git/hooks/x"],
  },
  {
    pattern: /(^|\/)\.(claude|codex|gemini)(\/|$)/,
    reason: "it holds the guard's own configuration",
    globs: [".claude/**", ".codex/**", ".gemini/**"],
    samples: [".claude/settings.json", ".codex/config.toml", ".codex/hooks.json", ".codex/rules/x.rules"],
  },
  {
    pattern: /(^|\/)\.mcp\.json$/,
    reason: "it starts programs",
    globs: [".mcp.json"],
    samples: [".mcp.json"],
  },
  {
    pattern: /(^|\/)(node_modules\/(\.bin\/.|vibeops(\/|$))|(\.?venv|vendor)\/bin\/.)/,
    reason: "programs of the project run from there",
    globs: [],
  },
];

/** What an editing tool must not write, in the form that vendors' own rules take. */
export const protectedGlobs: readonly string[] = protectedPaths.flatMap(({ globs }) => globs);

/** What lies directly in a project and must not be reached by another name. */
export const protectedNames: readonly string[] = [
  ...new Set(protectedGlobs.map((glob) => glob.replace(/\/.*/, ""))),
];

/** Why a path below the project's folder must not be written, or null. It may hold markers. */
export function protectedReason(relative: string, writer: Writer): string | null {
  const path = fold(relative);
  const fixed = path.split(GLOB)[0]?.split(UNKNOWN)[0] ?? "";
  const reach = /[\uE000-\uE002]/.test(path) ? reachOf(path) : null;
  const found = protectedPaths.find(
    ({ pattern, from, samples }) =>
      from?.includes(writer) !== false &&
      (pattern.test(path) || pattern.test(fixed) || samples?.some((sample) => reach?.test(sample))),
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

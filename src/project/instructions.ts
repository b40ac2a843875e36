import { realpathSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { renderTemplate } from "../text/template.ts";
import { readRole } from "./role.ts";
import {
  appended,
  readOrNull,
  type ScaffoldStep,
  type ScaffoldSubject,
  skip,
  unchanged,
} from "./scaffold-step.ts";
import { templateText } from "./templates.ts";

const SECTION_MARK = "<!-- vibeops: begin -->";

/** The steps for AGENTS.md, which instructs every agent, and for CLAUDE.md and GEMINI.md, which point to it. */
export function planInstructions(context: Context, subject: ScaffoldSubject): ScaffoldStep[] {
  const home = instructionFile(subject.root);
  const files = ["AGENTS.md", "CLAUDE.md", "GEMINI.md"];
  return files.map((path) =>
    path === home ? planAgents(context, subject, path) : planPointer(context, subject, path),
  );
}

/** People link AGENTS.md to the file of the tool that they use: the instructions then belong into that one. */
function instructionFile(root: string): string {
  try {
    const target = realpathSync(join(root, "AGENTS.md"));
    return ["CLAUDE.md", "GEMINI.md"].find((name) => target === join(root, name)) ?? "AGENTS.md";
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "ELOOP")) return "AGENTS.md";
    throw error;
  }
}

function planAgents(context: Context, subject: ScaffoldSubject, path: string): ScaffoldStep {
  const before = readOrNull(subject.root, path);
  if (before === "other")
    return skip(path, "it is not a regular file; agents find no instructions of ours there");
  if (before?.includes(SECTION_MARK)) return planNewRoles(context, subject, path, before);
  const section = render(context, subject, "project/agents-section.md", {
    project: subject.name,
    roles: subject.roles.map((role) => ({ role, text: readRole(context, subject, role).text })),
  }).trimEnd();
  if (before !== null && before.length > 0) return appended(path, before, `\n${section}\n`);
  return appended(
    path,
    before,
    render(context, subject, "project/AGENTS.md", { project: subject.name, section }),
  );
}

/** A role that joins later gets its text once, when its line in vibeops.yaml is added. */
function planNewRoles(
  context: Context,
  subject: ScaffoldSubject,
  path: string,
  before: Buffer,
): ScaffoldStep {
  const known = subject.existing?.config.agents ?? {};
  const missing = subject.roles.filter(
    (role) => !Object.hasOwn(known, role) && !before.includes(`<!-- vibeops: begin role ${role} -->`),
  );
  if (subject.existing === null || missing.length === 0) return unchanged(path, before);
  const sections = missing.map((role) => {
    return render(context, subject, "project/role-section.md", {
      role,
      text: readRole(context, subject, role).text,
    });
  });
  return appended(path, before, `\n${sections.join("\n")}`);
}

function planPointer(context: Context, subject: ScaffoldSubject, path: string): ScaffoldStep {
  const before = readOrNull(subject.root, path);
  if (before === "other") {
    const links = path === "AGENTS.md";
    return skip(path, links ? "it links to the file with the instructions" : "it is not a regular file");
  }
  if (before !== null && pointsToAgents(before)) return unchanged(path, before);
  const pointer = render(context, subject, `project/${path}`, { project: subject.name });
  return appended(path, before, before === null || before.length === 0 ? pointer : `\n${pointer}`);
}

function pointsToAgents(before: Buffer): boolean {
  return /^@(?:\.\/)?AGENTS\.md\s*$/m.test(before.toString("latin1"));
}

function render(
  context: Pick<Context, "env">,
  project: { readonly root: string },
  name: string,
  values: Parameters<typeof renderTemplate>[1],
): string {
  const { text, file } = templateText(context, project, name);
  return renderTemplate(text, values, file);
}

import { readdirSync } from "node:fs";
import { Document, parse } from "yaml";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { findDirectory } from "../platform/folders.ts";
import { renderTemplate } from "../text/template.ts";
import { addToConfig } from "./config-edit.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { planInstructions } from "./instructions.ts";
import {
  appended,
  readOrNull,
  type ScaffoldStep,
  type ScaffoldSubject,
  skip,
  unchanged,
} from "./scaffold-step.ts";
import { templateText } from "./templates.ts";

/** Everything that needs a folder of its own in a fresh clone, so that `cp` can deliver too. */
const KEPT_FOLDERS = ["memos/incoming", "memos/archived", "memos/sent"];

/** The steps that make a folder a project, in the order in which they are written: vibeops.yaml last. */
export function planFiles(context: Context, subject: ScaffoldSubject): ScaffoldStep[] {
  const { root } = subject;
  const project = subject.existing ?? { root };
  const fromTemplate = (path: string) =>
    createOnly(root, path, () => {
      const { text, file } = templateText(context, project, `project/${path}`);
      return renderTemplate(text, { project: subject.name }, file);
    });
  const keepsHosts = subject.roles.includes("sysadmin");
  return [
    appendLines(context, subject, ".gitignore", (line) => line.trim().replaceAll(/^\/|\/$/g, "")),
    appendLines(context, subject, ".gitattributes", (line) => line.trim().replaceAll(/\s+/g, " ")),
    ...KEPT_FOLDERS.map((folder) => keepFolder(root, folder)),
    fromTemplate("STATE.md"),
    ...(keepsHosts ? [fromTemplate("inventory.yaml"), fromTemplate("policy.yaml")] : []),
    ...planInstructions(context, subject),
    planConfig(context, subject),
  ];
}

/** A file that is written once and then belongs to the project. */
function createOnly(root: string, path: string, content: () => string): ScaffoldStep {
  const before = readOrNull(root, path);
  if (before === "other") return skip(path, "there is something that is not a regular file");
  if (before !== null) return unchanged(path, before);
  return { path, action: "create", before, content: Buffer.from(content()) };
}

/** vibeops.yaml: from the template, or the roles that the existing one does not name yet. */
function planConfig(context: Context, subject: ScaffoldSubject): ScaffoldStep {
  const { existing, provider, roles } = subject;
  if (existing !== null) {
    const added = roles.filter((role) => !Object.hasOwn(existing.config.agents, role));
    const additions = added.map((role) => ({ section: "agents", key: role, value: { provider } }));
    const before = Buffer.from(existing.configText);
    const content = Buffer.from(addToConfig(existing.configText, additions));
    return { path: PROJECT_FILE, action: added.length > 0 ? "append" : "unchanged", before, content };
  }
  const { text, file } = templateText(context, subject, `project/${PROJECT_FILE}`);
  const agents = roles.map((role) => ({ role: yamlScalar(role), provider }));
  const commands = Object.keys(subject.commands).join(" ");
  const rendered = renderTemplate(text, { project: yamlScalar(subject.name), agents, commands }, file);
  const content = Buffer.from(nameCommands(rendered, subject.commands));
  return { path: PROJECT_FILE, action: "create", before: null, content };
}

/** A template of a person's own that names commands keeps them, and gets no others. */
function nameCommands(text: string, commands: Readonly<Record<string, string>>): string {
  const own = parse(text)?.commands ?? {};
  if (Object.keys(own).length > 0) return text;
  const entries = Object.entries(commands);
  return addToConfig(
    text,
    entries.map(([key, value]) => ({ section: "commands", key, value })),
  );
}

/** Quoted where YAML would read it as a number, a boolean or nothing: a project may be called `404`. */
function yamlScalar(text: string): string {
  return new Document(text).toString().trim();
}

/** Git keeps no empty folder. One that is there and holds something needs no help. */
function keepFolder(root: string, folder: string): ScaffoldStep {
  const path = `${folder}/.gitkeep`;
  const directory = lstatOrNull(root) === null ? null : findDirectory(root, folder);
  if (directory !== null && readdirSync(directory).length > 0) return unchanged(path, Buffer.alloc(0));
  return { path, action: "create", before: null, content: Buffer.alloc(0) };
}

/** Appends the rules of the template that the file lacks; `normalise` tells which rules mean the same. */
function appendLines(
  context: Context,
  subject: ScaffoldSubject,
  path: string,
  normalise: (line: string) => string,
): ScaffoldStep {
  const { text, file } = templateText(context, subject.existing ?? subject, `project/${path.slice(1)}`);
  const lines = renderTemplate(text, { project: subject.name }, file).trimEnd().split(/\r?\n/);
  const before = readOrNull(subject.root, path);
  if (before === "other")
    return skip(path, `it is not a regular file; it lacks: ${lines.filter(isRule).join(", ")}`);
  const present = new Set((before ?? Buffer.alloc(0)).toString("latin1").split(/\r?\n/).map(normalise));
  const missing = lines.filter((line) => !present.has(normalise(line)));
  if (before !== null && !missing.some(isRule)) return unchanged(path, before);
  return appended(path, before, `${missing.join("\n")}\n`);
}

function isRule(line: string): boolean {
  return line.trim() !== "" && !line.startsWith("#");
}

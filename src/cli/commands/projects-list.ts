import { basename } from "node:path";
import { isSystemError, VibeopsError } from "../../errors.ts";
import { isGone, knownProjectsFile, readKnownProjects } from "../../project/known-projects.ts";
import { loadProject } from "../../project/project.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { programName } from "../program-name.ts";
import { alignColumns, styleFor } from "../style.ts";

export async function runProjectsList(io: Io, _args: readonly string[], _options: Options): Promise<Outcome> {
  const { roots, wrong } = readKnownProjects(io.context.env);
  const projects = roots.map(readListed);
  const file = knownProjectsFile(io.context.env);
  const text = projects.length + wrong.length === 0 ? nothing(io) : render(projects, wrong, io);
  const lines = wrong.map(({ code, message, line, fix }) => ({ code, message, line, fix }));
  return outcome({ projects, file, wrong: lines }, text);
}

/** A project of the list as it stands; one that cannot be read is named with the reason. */
interface ListedProject {
  /** Its folder's name where its vibeops.yaml cannot be read. */
  name: string;
  root: string;
  roles: string[];
  state: "ok" | "gone" | "broken";
  problem?: string;
}

function readListed(root: string): ListedProject {
  try {
    const { name, config } = loadProject(root);
    return { name, root, roles: Object.keys(config.agents), state: "ok" };
  } catch (error) {
    if (!(error instanceof VibeopsError) && !isSystemError(error, "EIO", "ELOOP", "ENAMETOOLONG"))
      throw error;
    const about = { name: basename(root), root, roles: [] };
    if (isGone(root)) return { ...about, state: "gone", problem: "there is no vibeops.yaml any more" };
    const line = error instanceof VibeopsError && error.line !== undefined ? ` (line ${error.line})` : "";
    return { ...about, state: "broken", problem: `${error.message}${line}` };
  }
}

function nothing(io: Io): string {
  return `There is no project on your list. Find them: ${programName(io)} projects scan DIR`;
}

function render(projects: readonly ListedProject[], wrong: readonly VibeopsError[], io: Io): string {
  const style = styleFor(io);
  const rows = alignColumns(projects.map(({ name, root }) => [show(name), show(root)]));
  const lines = projects.flatMap(({ state, problem }, i) => {
    const row = rows[i] ?? "";
    if (state === "ok") return [row];
    return [style.yellow(row), `    ${state}: ${makeVisible(problem ?? "", { newlines: false })}`];
  });
  if (projects.some(({ state }) => state === "gone")) {
    lines.push(`Take off what is gone: ${programName(io)} projects remove --missing`);
  }
  const wrongLines = wrong.flatMap(({ message, file = "", line, fix = "" }) => [
    style.yellow(`${show(file)}:${line}: ${show(message)}`),
    `    fix: ${fix}`,
  ]);
  return [...lines, ...wrongLines].join("\n");
}

function show(text: string): string {
  return makeVisible(text, { newlines: false });
}

import { type Check, ok } from "../platform/check.ts";
import type { Project } from "../project/project.ts";
import { findSection } from "../text/blocks.ts";
import { findingOf } from "../text/finding.ts";
import { STATE_SECTIONS } from "./sections.ts";
import { readState, STATE_FILE } from "./state.ts";

/** STATE.md: to be read, with its four sections. That there is none is for the project's own checks to say. */
export function checkState(project: Pick<Project, "root">): Check[] {
  try {
    const state = readState(project);
    if (state === null) return [];
    const missing = STATE_SECTIONS.filter(({ title }) => findSection(state.text, title, 2) === null);
    if (missing.length === 0) return [ok("state.sections", "STATE.md and its sections")];
    const what = `STATE.md lacks ${missing.map(({ title }) => `'## ${title}'`).join(", ")}`;
    const fix = "vibeops state set adds a section where it is missing";
    return [{ name: "state.sections", status: "warning", what, file: state.file, fix }];
  } catch (error) {
    const { rule, message, file, line, fix } = findingOf(error, STATE_FILE);
    return [{ name: rule, status: "error", what: message, file, line, fix }];
  }
}

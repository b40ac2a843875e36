import { type Check, ok } from "../platform/check.ts";
import type { Project } from "../project/project.ts";
import { findSections } from "../text/blocks.ts";
import { findingOf } from "../text/finding.ts";
import { lineAt } from "../text/lines.ts";
import { STATE_SECTIONS } from "./sections.ts";
import { readState, STATE_FILE } from "./state.ts";

/** STATE.md: to be read, with its four sections, each once. That there is none is for the project's own checks to say. */
export function checkState(project: Pick<Project, "root">): Check[] {
  try {
    const state = readState(project);
    if (state === null) return [];
    const { text, file } = state;
    const found = STATE_SECTIONS.map(({ title }) => ({ title, sections: findSections(text, title, 2) }));
    const warn = (what: string, fix: string, line?: number): Check => {
      return { name: "state.sections", status: "warning", what, file, line, fix };
    };
    const missing = found.filter(({ sections }) => sections.length === 0).map(({ title }) => `'## ${title}'`);
    const fix = "vibeops state set adds a section where it is missing";
    const checks = missing.length === 0 ? [] : [warn(`STATE.md lacks ${missing.join(", ")}`, fix)];
    for (const { title, sections } of found) {
      const second = sections[1];
      if (second === undefined) continue;
      const what = `STATE.md has '## ${title}' twice, and only the first is read`;
      checks.push(warn(what, "put the two together by hand", lineAt(text, second.heading.start)));
    }
    return checks.length === 0 ? [ok("state.sections", "STATE.md and its sections")] : checks;
  } catch (error) {
    const { rule, message, file, line, fix } = findingOf(error, STATE_FILE);
    return [{ name: rule, status: "error", what: message, file, line, fix }];
  }
}

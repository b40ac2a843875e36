import type { Project } from "../project/project.ts";
import { makeVisible } from "../text/visible.ts";
import type { AssessedCommand } from "./assess-runbook.ts";
import type { CurrentContent } from "./current-content.ts";
import { formatDuration } from "./duration.ts";
import { readProjectFile } from "./project-files.ts";
import { rollbackCommand } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { highestTier } from "./tier.ts";

/** One screenful of what a person approves, in full and made visible. The screen wraps it and cuts nothing. */
export interface ReviewPage {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Everything that an approval covers, page by page: what and where, each step, each file, verification, way back. */
export function reviewPages(project: Project, loaded: LoadedRunbook, current: CurrentContent): ReviewPage[] {
  const { runbook } = loaded;
  const pages: ReviewPage[] = [
    overview(loaded, current),
    ...current.assessment.steps.map(({ step, commands }) => ({
      title: `Step ${step.number} of ${runbook.steps.length}: ${step.title}`,
      lines: [
        `tier: ${highestTier(commands.map(({ tier }) => tier))}`,
        ...(step.action?.delegated === true
          ? ["DELEGATED: an agent may run this step by itself, without asking anybody"]
          : []),
        ...block("", step.prose),
        ...commands.flatMap(commandLines),
        ...(step.rollback !== undefined && rollbackCommand(step) === undefined && "none" in step.rollback
          ? [`no rollback: ${step.rollback.none}`]
          : []),
      ],
    })),
    ...runbook.files.map((path) => ({
      title: `File ${path}`,
      lines: readProjectFile(project.root, path).toString("utf8").split("\n"),
    })),
    {
      title: "Verification, after the last step",
      lines: current.assessment.verification.flatMap(commandLines),
    },
    ...(runbook.rollbackText === ""
      ? []
      : [{ title: "The way back", lines: runbook.rollbackText.split("\n") }]),
  ];
  return pages.map((page) => ({ title: visible(page.title), lines: page.lines.map(visible) }));
}

function visible(line: string): string {
  return makeVisible(line, { newlines: false });
}

function overview(loaded: LoadedRunbook, current: CurrentContent): ReviewPage {
  const { runbook } = loaded;
  const variables = Object.entries(runbook.variables).map(([name, value]) => `${name}=${value}`);
  const hosts = current.content.hosts.map((host) => {
    const entry = current.inventory.hosts[host.name];
    const tier = entry === undefined ? "unknown, counts as live" : entry.tier;
    const keys = host.host_keys.length === 0 ? "" : `, host key ${host.host_keys.join(" or ")}`;
    return `${host.name}: ${host.resolved}, ${tier}${keys}`;
  });
  return {
    title: runbook.title,
    lines: [
      `runbook ${runbook.id}${runbook.author === undefined ? "" : `, written by ${runbook.author}`}`,
      ...(runbook.memo === undefined ? [] : [`asked for by memo ${runbook.memo}`]),
      ...block("", runbook.summary),
      ...items("Hosts", hosts),
      ...items("Variables", variables),
      ...items("Open questions", runbook.openQuestions),
      ...items("Risks", runbook.risks),
      ...items("Before you start", runbook.beforeYouStart),
    ],
  };
}

function items(title: string, list: readonly string[]): string[] {
  return list.length === 0 ? [] : ["", `${title}:`, ...list.map((item) => `- ${item}`)];
}

function block(title: string, text: string): string[] {
  return text === "" ? [] : [title, ...text.split("\n")];
}

function commandLines({ command, tier, proven }: AssessedCommand): string[] {
  const { kind, host, script, timeoutMs, attempts, intervalMs, expect, capture } = command;
  const repeat = attempts === 1 ? "" : `, up to ${attempts} times every ${formatDuration(intervalMs)}`;
  const raw = proven === null ? ", raw" : "";
  return [
    "",
    `${kind} on ${host} (${tier}${raw}, at most ${formatDuration(timeoutMs)}${repeat}):`,
    ...script.split("\n").map((line) => `  ${line}`),
    ...(expect === undefined ? [] : [`its output must hold: ${expect}`]),
    ...(capture === undefined
      ? []
      : [`its output becomes ${capture.name} if it is all of: ${capture.pattern}`]),
  ];
}

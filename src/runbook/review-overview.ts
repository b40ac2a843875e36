import { findSection } from "../text/blocks.ts";
import { counted } from "../text/counted.ts";
import { findFlags } from "../text/flags.ts";
import type { CurrentContent } from "./current-content.ts";
import { findEscaped } from "./lint-escapes.ts";
import { place } from "./review-document.ts";
import { linesOf, note, type ReviewLine, type ReviewPage } from "./review-line.ts";
import { RULE_FILES } from "./rule-files.ts";
import { fencesOf, type Runbook } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { highestTier } from "./tier.ts";

/** What is decided on, at a glance; each point stands in full on a page of its own. */
export function overviewPage({ runbook, sha256 }: LoadedRunbook, current: CurrentContent): ReviewPage {
  const { content } = current;
  return {
    title: "What you decide on",
    lines: [
      note(runbook.title),
      note(`${runbook.file}, sha256 ${sha256}`),
      note(
        `written by ${runbook.author ?? "nobody it names"}; asked for by ${runbook.memo === undefined ? "no memo" : `memo ${runbook.memo}`}`,
      ),
      ...listOf("What runs", [
        `0. Lock each host for this walk: ${runbook.hosts.join(", ")}`,
        ...stepLines(current),
        `verification: ${counted(runbook.verification.length, "check")}`,
      ]),
      ...listOf("Where", hostLines(current)),
      ...listOf("Variables", variableLines(runbook)),
      ...listOf(
        "Files that it installs or calls",
        content.files.map((file) => `${file.path}, sha256 ${short(file.sha256)}`),
      ),
      ...listOf(
        "Actions",
        content.actions.map((action) => `${action.name}, definition ${short(action.sha256)}`),
      ),
      ...listOf(
        "Rules that it was judged by",
        Object.entries(RULE_FILES).map(
          ([key, file]) => `${file}, sha256 ${short(content[key as keyof typeof RULE_FILES])}`,
        ),
      ),
      ...listOf("Flagged characters", flagLines(runbook)),
      ...listOf("To weigh, in full on the pages that follow", weighLines(runbook)),
    ],
  };
}

function listOf(title: string, items: readonly string[]): ReviewLine[] {
  return [
    note(""),
    note(`${title}:`),
    ...(items.length === 0 ? ["none"] : items).map((item) => note(`  ${item}`)),
  ];
}

/** Where open questions and risks stand, whatever form they have; that there are none is said too. */
export function weighLines({ text }: Pick<Runbook, "text">): string[] {
  return ["Open questions", "Risks"].map((title) => {
    const section = findSection(text, title, 2);
    const body = section === null ? "" : text.slice(section.bodyStart, section.end).trim();
    if (section === null || body === "") return `${title}: none`;
    const first = section.heading.line + 1;
    return `${title}: lines ${first} to ${first + linesOf(text.slice(section.bodyStart, section.end).trimEnd()).length - 1}`;
  });
}

/** Enough to tell two versions apart; the statement holds all of it. */
function short(digest: string): string {
  return digest.slice(0, 12);
}

export function stepLines({ assessment }: CurrentContent): string[] {
  return assessment.steps.map(({ step, commands }) => {
    const tier = highestTier(commands.map((command) => command.tier));
    const hosts = [...new Set(commands.map(({ command }) => command.host))].join(", ");
    const together = step.run?.together === true ? ", at the same time" : "";
    return `${step.number}. ${step.title}: ${tier}, on ${hosts}${together}`;
  });
}

function hostLines(current: CurrentContent): string[] {
  return current.content.hosts.flatMap((host) => [
    place(host.name, current),
    `  inventory: ${host.entry}`,
    ...host.host_keys.map((key) => `  host key ${key}`),
  ]);
}

function variableLines({ variables, steps }: Runbook): string[] {
  const captured = steps.flatMap(({ number, run }) =>
    run?.capture === undefined ? [] : [`${run.capture.name}: what step ${number} captures`],
  );
  return [...Object.entries(variables).map(([name, value]) => `${name}=${value}`), ...captured];
}

/** With errors nothing can be approved; a rejection may be about them. */
function flagLines(runbook: Runbook): string[] {
  const { text, steps, verification } = runbook;
  const inCommands = [...steps.flatMap(fencesOf), ...verification].flatMap(({ script, line }) =>
    findFlags(script, "command").map((flag) => ({ ...flag, line: line + flag.line })),
  );
  const lines = [...findFlags(text, "markdown"), ...inCommands].map(
    ({ line, column, what }) => `line ${line}, column ${column}: ${what}`,
  );
  const escaped = findEscaped(runbook).map(({ key, what }) => `${key} in the front matter: ${what}`);
  return [...new Set([...lines, ...escaped])];
}

import { Exit, VibeopsError } from "../errors.ts";
import { type Fence, scanBlocks } from "../text/blocks.ts";
import { parseFrontMatter } from "../text/front-matter.ts";
import { isActionFence, isCommandFence } from "./fence-info.ts";
import { readAction, readCommand } from "./read-fence.ts";
import type { ActionCall, CommandFence, Runbook, Step, VerificationCheck } from "./runbook.ts";
import { type Document, refuse } from "./runbook-document.ts";
import { readHeader } from "./runbook-header.ts";
import {
  fencesIn,
  listItems,
  noRollbackReason,
  openItems,
  type Part,
  partsAt,
  proseOf,
} from "./runbook-sections.ts";

/**
 * Reads a runbook. Nothing is guessed: a fence that does not say what it is, a step out of order or a command
 * outside of a step is an error with its line.
 *
 * @throws VibeopsError `runbook.<header|fence|action|step|section|newline>`, `runbook.fm-…`
 */
export function parseRunbook(text: string, file: string): Runbook {
  refuseCarriageReturns(text, file);
  const front = parseFrontMatter(text, { file, code: "runbook" });
  const header = readHeader(front, file);
  const document = { text, file, ...scanBlocks(text) };
  const sections = partsAt(document.headings, 2, front.bodyStart, text.length);
  refuseDoubled(document, sections);
  const find = (title: string) => sections.find((part) => part.heading.text.toLowerCase() === title);
  const prose = (title: string) => {
    const part = find(title);
    return part === undefined ? "" : proseOf(text, part, document.fences);
  };
  const stepsPart = find("steps");
  if (stepsPart === undefined)
    throw refuse(document, "section", 1, "there is no section Steps", "add: ## Steps");
  const verificationPart = find("verification");
  refuseStrayFences(document, stepsPart, verificationPart);
  return {
    ...header,
    summary: prose("summary"),
    risks: listItems(prose("risks")),
    openQuestions: openItems(prose("open questions")),
    beforeYouStart: listItems(prose("before you start")),
    steps: readSteps(document, stepsPart),
    ...readVerification(document, verificationPart),
    rollbackText: prose("rollback"),
    text,
    file,
  };
}

/** A carriage return would reach the shell as part of the command, and git may add or remove it. */
function refuseCarriageReturns(text: string, file: string): void {
  const at = text.indexOf("\r");
  if (at === -1) return;
  throw new VibeopsError({
    code: "runbook.newline",
    exit: Exit.invalid,
    message: "the runbook has carriage returns: commands would carry them, and an approval is of bytes",
    file,
    line: text.slice(0, at).split("\n").length,
    fix: "save it with Unix line ends, and put 'runbooks/** -text' into .gitattributes",
  });
}

function refuseDoubled(document: Document, sections: readonly Part[]): void {
  const seen = new Set<string>();
  for (const { heading } of sections) {
    const title = heading.text.toLowerCase();
    if (seen.has(title)) {
      throw refuse(
        document,
        "section",
        heading.line,
        `there are two sections ${heading.text}`,
        "make them one",
      );
    }
    seen.add(title);
  }
}

function refuseStrayFences(document: Document, steps: Part, verification: Part | undefined): void {
  for (const fence of document.fences) {
    if (!isCommandFence(fence.info) && !isActionFence(fence.info)) continue;
    const inSteps = fence.start >= steps.bodyStart && fence.start < steps.end;
    const inVerification =
      verification !== undefined && fence.start >= verification.bodyStart && fence.start < verification.end;
    if (inSteps || inVerification) continue;
    throw refuse(
      document,
      "fence",
      fence.line,
      "this command stands outside of Steps and Verification, so nothing would ever run it",
      "move it under a step, or make it a plain ```text block",
    );
  }
}

function readSteps(document: Document, section: Part): Step[] {
  const parts = partsAt(document.headings, 3, section.bodyStart, section.end);
  const first = parts[0];
  const early = fencesIn(document.fences, { ...section, end: first?.heading.start ?? section.end });
  const stray = early.find((fence) => isCommandFence(fence.info) || isActionFence(fence.info));
  if (stray !== undefined) {
    throw refuse(
      document,
      "fence",
      stray.line,
      "this command belongs to no step",
      "put it under: ### 1. Title",
    );
  }
  if (first === undefined) {
    throw refuse(document, "step", section.heading.line, "there are no steps", "add: ### 1. Title");
  }
  return parts.map((part, i) => readStep(document, part, i + 1));
}

function readStep(document: Document, part: Part, expected: number): Step {
  const { line, text: heading } = part.heading;
  const [, number, title] = /^(\d{1,4})\.\s+(\S.*)$/.exec(heading) ?? [];
  if (number === undefined || title === undefined) {
    throw refuse(document, "step", line, `'${heading}' is no step heading`, `write: ### ${expected}. Title`);
  }
  if (Number(number) !== expected) {
    throw refuse(
      document,
      "step",
      line,
      `step ${number} stands where step ${expected} belongs`,
      "number them from 1",
    );
  }
  const prose = proseOf(document.text, part, document.fences);
  const { action, commands } = readFences(document, part);
  const run = single(document, commands, "run", expected);
  const rollback = single(document, commands, "rollback", expected);
  const reason = noRollbackReason(prose);
  return {
    number: expected,
    title: title.trim(),
    line,
    prose,
    ...(action === undefined ? {} : { action }),
    ...(run === undefined ? {} : { run }),
    checks: commands.filter((command) => command.kind === "check"),
    ...(rollback !== undefined ? { rollback } : reason === undefined ? {} : { rollback: { none: reason } }),
  };
}

function single(
  document: Document,
  commands: readonly CommandFence[],
  kind: CommandFence["kind"],
  step: number,
) {
  const [first, second] = commands.filter((command) => command.kind === kind);
  if (second === undefined) return first;
  throw refuse(
    document,
    "fence",
    second.line,
    `step ${step} has a second ${kind}`,
    "make it a step of its own",
  );
}

/** The action of a step, if any, and its commands; the action's own commands are the first of their kind. */
function readFences(document: Document, part: Part): { action?: ActionCall; commands: CommandFence[] } {
  const fences = fencesIn(document.fences, part);
  const actions = fences.filter((fence) => isActionFence(fence.info));
  const [actionFence, secondAction] = actions;
  if (secondAction !== undefined) {
    throw refuse(
      document,
      "action",
      secondAction.line,
      "a step has at most one action",
      "make it a step of its own",
    );
  }
  const commandFences = fences.filter((fence) => isCommandFence(fence.info));
  if (actionFence !== undefined && commandFences.some((fence) => fence.start < actionFence.start)) {
    throw refuse(
      document,
      "action",
      actionFence.line,
      "the action stands below its commands",
      "put the action first",
    );
  }
  const commands: CommandFence[] = [];
  for (const fence of commandFences) {
    const command = readCommand(document, fence);
    const compiled = actionFence !== undefined && !commands.some((other) => other.kind === command.kind);
    commands.push({ ...command, raw: !compiled });
  }
  const action = actionFence === undefined ? undefined : readAction(document, actionFence);
  return action === undefined ? { commands } : { action, commands };
}

/** In Verification an action stands directly before the check that it compiles to. */
function readVerification(
  document: Document,
  section: Part | undefined,
): Pick<Runbook, "verification" | "uncompiled"> {
  const verification: VerificationCheck[] = [];
  const uncompiled: ActionCall[] = [];
  for (const fence of section === undefined ? [] : fencesIn(document.fences, section)) {
    if (isActionFence(fence.info)) uncompiled.push(readAction(document, fence));
    if (!isCommandFence(fence.info)) continue;
    const action = uncompiled.pop();
    verification.push({
      ...readCheck(document, fence),
      raw: action === undefined,
      ...(action && { action }),
    });
  }
  return { verification, uncompiled };
}

function readCheck(document: Document, fence: Fence): VerificationCheck {
  const command = readCommand(document, fence);
  if (command.kind === "check") return { ...command, kind: "check" };
  throw refuse(document, "fence", command.line, "verification only checks", "write: sh check host=…");
}

import { Exit, VibeopsError } from "../../errors.ts";
import { formatAddress } from "../../memo/address.ts";
import { composeBody } from "../../memo/compose-body.ts";
import { type Priority, priorities } from "../../memo/priority.ts";
import { expandRecipients, planRoute } from "../../memo/route.ts";
import { type Letter, planMemos, refuseSecretIn, type SentMemo, sendMemos } from "../../memo/send.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { type MemoType, memoTypes } from "../../project/memo-types.ts";
import { loadProject, type Project } from "../../project/project.ts";
import { templateText } from "../../project/templates.ts";
import { renderTemplate } from "../../text/template.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, listOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { editText, readAll } from "../prompt.ts";
import { shortPath } from "../render-error.ts";
import { styleFor } from "../style.ts";
import { oneOf } from "../values.ts";

export async function runMemoNew(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const [subject = ""] = args;
  const recipients = expandRecipients(project, requireRecipients(options));
  const type = oneOf("type", textOption(options, "type") ?? "request", memoTypes);
  const priority = oneOf("priority", textOption(options, "priority") ?? "normal", priorities);
  // Before anybody writes a text that could not be sent.
  for (const to of recipients) planRoute(project, to, { type, now: io.context.now() });
  const body = await readBody(io, project, type, subject, options);
  const letter: Letter = {
    subject,
    type,
    priority,
    body,
    role: textOption(options, "from"),
    due: textOption(options, "due"),
  };
  const planned = planMemos(project, recipients, letter, io.context);
  if (type === "deployment") {
    const { requireSendableBlocks } = await import("../../memo/sendable-block.ts");
    requireSendableBlocks(planned);
  }
  if (flagOption(options, "dryRun")) {
    const texts = planned.map(
      (memo) => `to ${formatAddress(memo.route.to)}: ${memo.name}\n${memo.bytes.toString("utf8")}`,
    );
    return outcome(
      { planned: planned.map(({ id, name }) => ({ id, name })) },
      texts.map((text) => makeVisible(text)).join("\n"),
    );
  }
  return reportSent(await sendMemos(project, planned, letter, io.context), io);
}

/** @throws VibeopsError `memo.secret`; `memo.unwritten`: nobody is helped by a memo without words */
export function requireWords(text: string, items: readonly string[]): string {
  // By the line in what was given: the memo has more of them.
  refuseSecretIn(text, (line) => `line ${line} of the text`);
  if (text.trim() !== "" || items.length > 0) return text;
  throw new VibeopsError({
    code: "memo.unwritten",
    exit: Exit.usage,
    message: "the memo has no text and no items; nothing was sent",
    fix: "give --body TEXT, --body - with text on standard input, or --item TEXT",
  });
}

function requireRecipients(options: Options): string[] {
  const names = listOption(options, "to");
  if (names.length > 0) return names;
  throw new VibeopsError({
    code: "usage.recipient",
    exit: Exit.usage,
    message: "a memo needs somebody to go to",
    fix: "add --to PROJECT, --to ROLE@PROJECT or --to @peers",
  });
}

async function readBody(
  io: Io,
  project: Project,
  type: MemoType,
  subject: string,
  options: Options,
): Promise<string> {
  const items = listOption(options, "item");
  const given = textOption(options, "body");
  if (given === "-") return composeBody(requireWords(await readAll(io), items), items);
  if (given !== undefined || items.length > 0 || !io.isInteractive)
    return composeBody(requireWords(given ?? "", items), items);
  const start = type === "deployment" ? await startFromFiles(io, project) : startEmpty(io, project);
  const edited = await editText(
    io,
    `<!-- ${subject}: write below; an unchanged text sends nothing -->\n${start}`,
    "memo.md",
  );
  const body = edited.replace(/^<!--.*-->\n/, "");
  if (body.trim() !== start.trim()) return composeBody(body, []);
  throw new VibeopsError({
    code: "memo.unwritten",
    exit: Exit.usage,
    message: "the text was left as it was; nothing was sent",
    fix: "write something, or give --body",
  });
}

function startEmpty(io: Io, project: Project): string {
  const { text, file } = templateText(io.context, project, "memo/memo.md");
  return renderTemplate(text, { context: "", items: [{ text: "" }], service: project.name }, file);
}

/** What the project's own files say of its deployment; the template with hints where they say nothing. */
async function startFromFiles(io: Io, project: Project): Promise<string> {
  const { drawScannedMemo } = await import("../../deploy/scan/draw-memo.ts");
  const { scanRepository } = await import("../../deploy/scan/scan-repository.ts");
  const scan = await scanRepository(project.root, {}, io.context);
  const isEmpty = Object.keys(scan.block).every((key) => ["service", "source"].includes(key));
  const name = isEmpty ? "memo/deployment.md" : "memo/deployment-from-repository.md";
  const { text, file } = templateText(io.context, project, name);
  const values = { context: "", items: [{ text: "" }], service: project.name };
  return renderTemplate(text, isEmpty ? values : drawScannedMemo(scan, ""), file);
}

/** Says for each recipient whether it arrived. */
export function reportSent(sent: readonly SentMemo[], io: Io): Outcome {
  const style = styleFor(io);
  const lines = sent.map((memo) => {
    const arrived = memo.outcome === "queued" ? style.yellow("queued") : style.green(memo.outcome);
    const why = memo.reason === undefined ? "" : ` (${memo.reason})`;
    return `${memo.id}  ${arrived} to ${memo.to}${why}\n  copy: ${shortPath(memo.copy, io.cwd)}`;
  });
  return outcome({ sent }, lines.join("\n"));
}

export function priorityOption(options: Options): Priority | undefined {
  const value = textOption(options, "priority");
  return value === undefined ? undefined : oneOf("priority", value, priorities);
}

export function typeOption(options: Options): MemoType | undefined {
  const value = textOption(options, "type");
  return value === undefined ? undefined : oneOf("type", value, memoTypes);
}

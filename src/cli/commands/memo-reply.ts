import { composeBody } from "../../memo/compose-body.ts";
import { intakeMail } from "../../memo/intake.ts";
import { findAnywhere } from "../../memo/mailbox.ts";
import { planReply, replyLetter } from "../../memo/reply.ts";
import { sendMemos } from "../../memo/send.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { listOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import type { Outcome } from "../outcome.ts";
import { editText, readAll } from "../prompt.ts";
import { reportSent, requireWords, typeOption } from "./memo-new.ts";

export async function runMemoReply(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  await intakeMail(project, io.context);
  const { memo } = findAnywhere(project.root, args[0] ?? "", io.context.now());
  const items = listOption(options, "item");
  const subject = textOption(options, "subject");
  const type = typeOption(options);
  const letter = replyLetter(memo, {
    body: composeBody(requireWords(await readReply(io, options), items), items),
    role: textOption(options, "from"),
    ...(subject === undefined ? {} : { subject }),
    ...(type === undefined ? {} : { type }),
  });
  return reportSent(
    await sendMemos(project, planReply(project, memo, letter, io.context), letter, io.context),
    io,
  );
}

async function readReply(io: Io, options: Options): Promise<string> {
  const given = textOption(options, "body");
  if (given === "-") return await readAll(io);
  if (given !== undefined || !io.isInteractive || listOption(options, "item").length > 0) return given ?? "";
  return await editText(io, "", "reply.md");
}

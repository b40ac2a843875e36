import { isUtf8 } from "node:buffer";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { Exit, VibeopsError } from "../errors.ts";
import { runProcess } from "../platform/process.ts";
import type { Io } from "./io.ts";
import { stopAtCtrlZ } from "./stop-at-ctrl-z.ts";

/** All of standard input as text. @throws VibeopsError `usage.encoding` where it is none: nothing is guessed */
export async function readAll(io: Pick<Io, "stdin">): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk as Uint8Array | string));
  const bytes = Buffer.concat(chunks);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new VibeopsError({
    code: "usage.encoding",
    exit: Exit.usage,
    message: "standard input is not UTF-8",
    fix: "convert it: iconv -f LATIN1 -t UTF-8",
  });
}

/** One line from the person; null where the input ended. */
async function askLine(io: Io, question: string): Promise<string | null> {
  const lines = createInterface({ input: io.stdin, output: io.stdout, terminal: io.isInteractive });
  stopAtCtrlZ(lines, io.stdin);
  try {
    return await new Promise<string | null>((resolve, reject) => {
      lines.once("close", () => resolve(null));
      lines.question(question).then(resolve, reject);
    });
  } finally {
    lines.close();
  }
}

/**
 * Yes or no; `--yes` answers for the person, and without a terminal nobody else does.
 *
 * @throws VibeopsError `consent.missing` (exit 6)
 */
export async function askConsent(
  io: Io,
  question: string,
  yes: boolean,
  fix = "look at it with --dry-run, then run it with --yes",
): Promise<boolean> {
  if (yes) return true;
  if (!io.isInteractive) {
    throw new VibeopsError({
      code: "consent.missing",
      exit: Exit.humanNeeded,
      message: "this changes files and nobody is at the terminal to say yes",
      fix,
    });
  }
  const answer = await askLine(io, `${question} [y/N] `);
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}

/** What the person makes of `text` in $VISUAL or $EDITOR. @throws VibeopsError `editor.missing`, `editor.failed` */
export async function editText(io: Io, text: string, name: string): Promise<string> {
  const editor = io.context.env.VISUAL ?? io.context.env.EDITOR;
  if (editor === undefined || editor === "") {
    throw new VibeopsError({
      code: "editor.missing",
      exit: Exit.usage,
      message: "neither VISUAL nor EDITOR names an editor",
      fix: "set EDITOR, or give the text with a flag or on standard input",
    });
  }
  const directory = mkdtempSync(join(tmpdir(), "vibeops-edit-"));
  const path = join(directory, name);
  try {
    writeFileSync(path, text, { mode: 0o600 });
    // The variable may hold arguments ("code --wait"), so a shell splits it, as git does.
    const result = await runProcess("sh", ["-c", `${editor} "$1"`, editor, path], {
      env: io.context.env,
      inherit: true,
    });
    if (result.exitCode !== 0) {
      throw new VibeopsError({
        code: "editor.failed",
        exit: Exit.unexpected,
        message: `the editor ended with exit code ${result.exitCode}; nothing was written`,
        fix: "run the command again",
      });
    }
    return readFileSync(path, "utf8");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

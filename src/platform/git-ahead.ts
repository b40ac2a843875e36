import { VibeopsError } from "../errors.ts";
import { type Git, limitOf, requireNoPipes } from "./git.ts";
import { SAFE_ARGUMENTS } from "./git-settings.ts";
import { runProcess } from "./process.ts";
import { type ProcessResult, processResult } from "./process-result.ts";
import { findProgram } from "./program.ts";
import { quoteCommand } from "./quote.ts";
import { randomSuffix } from "./random-suffix.ts";

/**
 * Asks git several things at once, in one process of ours: each that we start ourselves costs a tenth of Node.js's own
 * start. The git that is returned has the answers for whoever asks it the same, once; anything else it is asked as
 * usual, and so is what went wrong here. What is asked only reads, and starts nothing that the repository names.
 */
export function askAhead(
  target: Git,
  questions: readonly (readonly string[])[],
  limitMs: number = Math.min(...questions.map(limitOf)),
): Git {
  const answers = askTogether(target, questions, limitMs).catch((error: unknown) => {
    // What is wrong, git says when it is asked by itself.
    if (error instanceof VibeopsError) return [];
    throw error;
  });
  // Where nobody comes to ask, nobody wants to know.
  answers.catch(() => undefined);
  const waiting = new Map(questions.map((args, i) => [keyOf(args), i]));
  const takeAnswer = async (args: readonly string[]) => {
    const i = waiting.get(keyOf(args));
    if (i === undefined) return null;
    waiting.delete(keyOf(args));
    return (await answers)[i] ?? null;
  };
  return { ...target, takeAnswer };
}

function keyOf(args: readonly string[]): string {
  return args.join("\0");
}

/** One after another. Whoever ends the shell ends the git that it waits for. */
const ASK = `trap 'kill $!; wait $!; exit 1' TERM INT
ask() { "$git" "$@" & wait $!; printf '%s %s\\n' "$mark" $?; }
`;

async function askTogether(
  target: Git,
  questions: readonly (readonly string[])[],
  timeoutMs: number,
): Promise<(ProcessResult | null)[]> {
  requireNoPipes(target);
  const mark = randomSuffix();
  const asked = questions.map((args) => `${quoteCommand(["ask", ...SAFE_ARGUMENTS, ...args])}\n`);
  const git = quoteCommand([findProgram("git", target.env.PATH)]);
  const script = `git=${git} mark=${mark}\n${ASK}${asked.join("")}`;
  const { stdoutBytes } = await runProcess("sh", ["-c", script], {
    cwd: target.top,
    env: target.env,
    timeoutMs,
  });
  return splitAnswers(stdoutBytes, mark, questions.length);
}

/** Null for what failed, or did not come to its end. */
function splitAnswers(printed: Buffer, mark: string, count: number): (ProcessResult | null)[] {
  let start = 0;
  return Array.from({ length: count }, () => {
    const end = printed.indexOf(mark, start);
    const next = printed.indexOf("\n", end);
    if (end === -1 || next === -1) return null;
    const stdout = printed.subarray(start, end);
    const status = printed.toString("latin1", end + mark.length, next).trim();
    start = next + 1;
    const ended = { exitCode: 0, signal: null, stderr: Buffer.alloc(0), timedOut: false };
    return status === "0" ? processResult({ ...ended, stdout }) : null;
  });
}

import { VibeopsError } from "../errors.ts";
import { type Git, gitEnvironment, limitOf, requireNoPipes } from "./git.ts";
import { SAFE_ARGUMENTS } from "./git-settings.ts";
import { startChild } from "./process.ts";
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
  const turns: Give[] = [];
  const early = questions.map(() => new Promise<ProcessResult | null>((resolve) => turns.push(resolve)));
  const none = askTogether(target, questions, limitMs, (answer) => turns.shift()?.(answer)).catch(
    (error: unknown) => {
      // What is wrong, git says when it is asked by itself.
      if (error instanceof VibeopsError) return null;
      throw error;
    },
  );
  const answers = early.map((answer) => Promise.race([answer, none]));
  // Where nobody comes to ask, nobody wants to know.
  for (const answer of answers) answer.catch(() => undefined);
  const waiting = new Map(questions.map((args, i) => [keyOf(args), answers[i]]));
  const takeAnswer = async (args: readonly string[]) => {
    const answer = waiting.get(keyOf(args));
    waiting.delete(keyOf(args));
    return (await answer) ?? null;
  };
  return { ...target, takeAnswer };
}

/** Takes an answer; null for what failed. */
type Give = (answer: ProcessResult | null) => void;

function keyOf(args: readonly string[]): string {
  return args.join("\0");
}

/** One after another. Whoever ends the shell ends the git that it waits for. */
const ASK = `trap 'kill $!; wait $!; exit 1' TERM INT
ask() { "$git" "$@" & wait $!; printf '%s %s\\n' "$mark" $?; }
`;

/** @param onAnswer takes the answers in turn, each as soon as it is whole; what comes to no end has none */
async function askTogether(
  target: Git,
  questions: readonly (readonly string[])[],
  timeoutMs: number,
  onAnswer: Give,
): Promise<null> {
  requireNoPipes(target);
  const mark = randomSuffix();
  const asked = questions.map((args) => `${quoteCommand(["ask", ...SAFE_ARGUMENTS, ...args])}\n`);
  const git = quoteCommand([findProgram("git", target.env.PATH)]);
  const script = `git=${git} mark=${mark}\n${ASK}${asked.join("")}`;
  const options = { cwd: target.top, env: gitEnvironment(target), timeoutMs };
  const { child, ended } = startChild("sh", ["-c", script], options, "ignore");
  child.stdout?.on("data", splitAnswers(mark, onAnswer));
  await ended;
  return null;
}

/** Takes what is printed, piece by piece, and gives on what stands before each mark with its status and line end. */
function splitAnswers(mark: string, onAnswer: Give): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  return (chunk) => {
    // A mark may come in two parts.
    const end = pieces.at(-1)?.subarray(-2 * mark.length) ?? Buffer.alloc(0);
    pieces.push(chunk);
    if (!Buffer.concat([end, chunk]).includes(mark)) return;
    let rest = Buffer.concat(pieces);
    for (let at = rest.indexOf(mark); at !== -1; at = rest.indexOf(mark)) {
      const next = rest.indexOf("\n", at);
      if (next === -1) break;
      const isGood = rest.toString("latin1", at + mark.length, next) === " 0";
      const ended = { exitCode: 0, signal: null, stderr: Buffer.alloc(0), timedOut: false };
      onAnswer(isGood ? processResult({ ...ended, stdout: rest.subarray(0, at) }) : null);
      rest = rest.subarray(next + 1);
    }
    pieces = [rest];
  };
}

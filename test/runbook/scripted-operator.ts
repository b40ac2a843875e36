import { Exit, VibeopsError } from "../../src/errors.ts";
import type { CommandView, Operator, StepView } from "../../src/runbook/operator.ts";

export interface ScriptedOperator extends Operator {
  /** Everything that was shown, said and asked, in order. */
  readonly seen: string[];
  readonly steps: StepView[];
  readonly commands: CommandView[];
  /** What came out of steps, as the screen was given it. */
  readonly screen: string[];
  /** The hosts that output was said to come from; none where a step has only one. */
  readonly from: string[];
}

/** An operator who gives these answers in this order and leaves when they are used up. */
export function scriptedOperator(
  answers: readonly string[],
  onQuestion: (question: string) => void | Promise<void> = () => {},
): ScriptedOperator {
  const queue = [...answers];
  const seen: string[] = [];
  const steps: StepView[] = [];
  const commands: CommandView[] = [];
  const screen: string[] = [];
  const from: string[] = [];
  const next = async (question: string): Promise<string> => {
    seen.push(question);
    await onQuestion(question);
    const answer = queue.shift();
    if (answer === undefined) {
      throw new VibeopsError({ code: "operator.left", exit: Exit.interrupted, message: "the person left" });
    }
    return answer;
  };
  return {
    who: "ada@example.com",
    seen,
    steps,
    commands,
    screen,
    from,
    showStep: (view) => void steps.push(view),
    showCommand: (view) => void commands.push(view),
    say: (message) => void seen.push(message),
    output: (_, text, host) => {
      screen.push(text);
      if (host !== undefined) from.push(host);
    },
    async choose(question, choices) {
      const answer = await next(question);
      const choice = choices.find(({ value }) => value === answer);
      if (choice === undefined) {
        throw new Error(
          `"${answer}" is no answer to "${question}": ${choices.map((c) => c.value).join(", ")}`,
        );
      }
      return choice.value;
    },
    ask: next,
    paste: next,
    interruptible: (run) => run(new AbortController().signal),
  };
}

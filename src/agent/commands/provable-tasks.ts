import { classifyCommand } from "../../guard/classify.ts";
import type { GuardFacts } from "../../guard/facts.ts";

/** A task of a project: the shell texts that it runs, and how other tasks call it. */
export interface Task {
  readonly texts: readonly string[];
  readonly calls: readonly string[];
  /** Why nobody can say what it runs, whatever the texts are. */
  readonly refused?: string;
}

/**
 * Why each task cannot be proven to stay on this machine; null where it can. A task that calls others is proven once
 * those are, so that one which leads to a deployment by however many steps is not, and neither is a circle.
 */
export function judgeTasks(
  tasks: ReadonlyMap<string, Task>,
  hosts: GuardFacts["hosts"],
): Map<string, string | null> {
  const proven = new Set<string>();
  for (let before = -1; before < proven.size; ) {
    before = proven.size;
    const scripts = [...proven].flatMap((name) => tasks.get(name)?.calls ?? []);
    for (const [name, { texts, refused }] of tasks)
      if (
        refused === undefined &&
        texts.every((text) => classifyCommand(text, { hosts, scripts }).answer === "local")
      )
        proven.add(name);
  }
  const facts = { hosts, scripts: [...proven].flatMap((name) => tasks.get(name)?.calls ?? []) };
  const unproven = [...tasks].filter(([name]) => !proven.has(name));
  const whyNot = ({ texts, refused }: Task): string => {
    const called = unproven.find(([, { calls }]) =>
      texts.some((text) => calls.some((call) => runs(text, call))),
    );
    if (refused !== undefined) return refused;
    return called === undefined ? firstReason(texts, facts) : `It runs "${called[0]}", which is not proven.`;
  };
  return new Map([...tasks].map(([name, task]) => [name, proven.has(name) ? null : whyNot(task)]));
}

function runs(text: string, call: string): boolean {
  return `${text} `.includes(`${call} `);
}

function firstReason(texts: readonly string[], facts: GuardFacts): string {
  const answers = texts.map((text) => classifyCommand(text, facts));
  return answers.find(({ answer }) => answer !== "local")?.reason ?? "It cannot be proven.";
}

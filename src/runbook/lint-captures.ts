import type { Finding } from "../text/finding.ts";
import { isSecretName } from "../text/secret-values.ts";
import type { Runbook } from "./runbook.ts";

/** A captured value is known under a name of its own: it never stands in for what a person approved or read before. */
export function lintCaptures({ steps, variables }: Pick<Runbook, "steps" | "variables">): Finding[] {
  const captured = new Map<string, number>();
  return steps.flatMap(({ number, run }): Finding[] => {
    if (run?.capture === undefined) return [];
    const { name } = run.capture;
    const earlier = captured.get(name);
    captured.set(name, earlier ?? number);
    if (isSecretName(name)) return [secretCapture(name, run.line)];
    const taken = Object.hasOwn(variables, name)
      ? "is a variable of this runbook: its value is approved"
      : earlier === undefined
        ? undefined
        : `is captured by step ${earlier} already`;
    if (taken === undefined) return [];
    return [
      {
        rule: "runbook.capture",
        level: "error",
        message: `${name} ${taken}`,
        line: run.line,
        fix: "capture it under another name",
      },
    ];
  });
}

/** By itself, as a step prints it, a password looks like any other word: nothing could keep it out of the record. */
function secretCapture(name: string, line: number): Finding {
  return {
    rule: "runbook.capture",
    level: "error",
    message: `${name} says that its value is secret, and what a step captures is shown and stands in the record`,
    line,
    fix: "keep it in a file on the host that later steps read there",
  };
}

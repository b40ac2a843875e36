import type { Finding } from "../text/finding.ts";
import type { Runbook } from "./runbook.ts";

/** A captured value is known under a name of its own: it never stands in for what a person approved or read before. */
export function lintCaptures({ steps, variables }: Pick<Runbook, "steps" | "variables">): Finding[] {
  const captured = new Map<string, number>();
  return steps.flatMap(({ number, run }): Finding[] => {
    if (run?.capture === undefined) return [];
    const { name } = run.capture;
    const earlier = captured.get(name);
    captured.set(name, earlier ?? number);
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

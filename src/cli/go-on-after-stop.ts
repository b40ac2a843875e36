import type { Interface } from "node:readline";

/**
 * Ctrl-Z at a question, and `fg`: Node.js leaves the input paused when the program goes on, unless somebody listens.
 * With nothing to wait for it would then end in the midst of the question, as if all had gone well.
 */
export function goOnAfterStop(lines: Pick<Interface, "on" | "resume">): void {
  lines.on("SIGCONT", () => lines.resume());
}

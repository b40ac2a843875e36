import type { Mode } from "./execute.ts";
import type { CommandFence } from "./runbook.ts";

/** Which of these hosts of a fence are gone to at the same time, in order. By hand it is one at a time. */
export function turnsOf(
  { together }: Pick<CommandFence, "together">,
  hosts: readonly string[],
  mode: Mode = "ssh",
): (readonly string[])[] {
  if (hosts.length === 0) return [];
  return together && mode === "ssh" ? [hosts] : hosts.map((host) => [host]);
}

/** How a fence goes over its hosts, in words. */
export function describeTurns({ kind, together }: Pick<CommandFence, "kind" | "together">): string {
  if (together) return "all at the same time";
  if (kind === "rollback") return "one after another, each confirmed, the last one first";
  return kind === "run" ? "one after another, up to the first that fails" : "one after another";
}

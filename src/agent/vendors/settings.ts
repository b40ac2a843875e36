import type { JsonEntry } from "./json-entries.ts";
import type { Vendor } from "./vendor.ts";

/** A file of a vendor's configuration, and what of it is ours. */
export type SettingsFile =
  | { path: string; kind: "json"; entries: readonly JsonEntry[] }
  /** A block between two marks in a file that may hold more; `clash` finds what may stand only once. */
  | { path: string; kind: "block"; text: string; clash: RegExp }
  /** Ours alone. */
  | { path: string; kind: "whole"; text: string };

export interface Settings {
  vendor: Vendor;
  /** How the hooks call us. */
  command: string;
  files: readonly SettingsFile[];
  /** What of ours stands elsewhere, where it was called in another way before: it goes. */
  retired?: readonly SettingsFile[];
  /** What the vendor leaves open, or a person has to do: a sentence each. */
  notes: readonly string[];
}

/** How the hooks call us: the plain name, or an absolute path where the person's shell does not find it. */
export interface Program {
  command: string;
  isOnPath: boolean;
}

/** Fails closed: a program that is missing exits 127, which the vendors take for a yes. */
export function guardLine(program: string, vendor: Vendor): string {
  return `${program} guard --hook ${vendor} || exit 2`;
}

export function startLine(program: string, vendor: Vendor): string {
  return `${program} session start --hook ${vendor}`;
}

/** Whether an item in a list of hooks is our own, whatever path it calls us by and whatever else a version wrote beside. */
export function callsUs(vendor: Vendor): Readonly<Record<"guard" | "start", (item: unknown) => boolean>> {
  return { guard: isCall(guardLine("", vendor)), start: isCall(startLine("", vendor)) };
}

/** A person's own hooks in the same item make it theirs. */
function isCall(end: string): (item: unknown) => boolean {
  return (item) => {
    const hooks = (item as { hooks?: unknown } | null)?.hooks;
    if (!Array.isArray(hooks) || hooks.length !== 1) return false;
    const command: unknown = hooks[0]?.command;
    return (
      typeof command === "string" && command.endsWith(end) && /vibeops/.test(command.slice(0, -end.length))
    );
  };
}

export const mcpServer = { command: "vibeops", args: ["mcp"] } as const;

/** Programs that do nothing but reach other machines: the vendors' own rules stop them by name. */
export const remotePrograms = ["ssh", "scp", "sftp"] as const;

/** Their project settings are committed, so no path of this machine stands in them. */
export function missingNote(name: string): string {
  return `${name}: vibeops is not on the PATH; until it is, the guard stops every tool there.`;
}

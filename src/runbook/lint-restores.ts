import type { Finding } from "../text/finding.ts";
import { keepBeside, keepFolder } from "./actions/kept-files.ts";
import type { ActionCall, Step } from "./runbook.ts";

/** What an earlier step keeps of a place on a host, and in which folder. */
interface Kept {
  readonly step: number;
  readonly keep: string;
}

/**
 * What a step puts back on the way back was kept by an earlier step, on the same host and in the same folder: what is
 * looked for elsewhere is not found, and the way back would take down what ran before.
 */
export function lintRestores(steps: readonly Step[]): Finding[] {
  const kept = new Map<string, Kept>();
  const isOneHost = new Set(steps.flatMap(hostsOf)).size === 1;
  return steps.flatMap(({ action, number }): Finding[] => {
    if (action === undefined) return [];
    const problems = wantedBy(action).flatMap(({ host, place }) => {
      const where = isOneHost ? place : `${place} on ${host}`;
      return problemOf(number, keepOf(action), where, kept.get(`${host} ${place}`)) ?? [];
    });
    for (const [place, keep] of keptBy(action)) {
      for (const host of action.hosts) kept.set(`${host} ${place}`, { step: number, keep });
    }
    return problems.map((one) => ({ rule: "runbook.restore", level: "error", line: action.line, ...one }));
  });
}

function hostsOf({ action }: Step): readonly string[] {
  return action?.hosts ?? [];
}

function wantedBy(action: ActionCall): { host: string; place: string }[] {
  const places = listOf(action, "restore").filter((place) => typeof place === "string");
  return action.hosts.flatMap((host) => places.map((place) => ({ host, place })));
}

function problemOf(
  step: number,
  keep: string,
  place: string,
  found: Kept | undefined,
): Pick<Finding, "message" | "fix"> | null {
  if (found === undefined) {
    return {
      message: `step ${step} puts back ${place}, which no earlier step installs`,
      fix: "name destinations of an earlier files.install, or `current` of a release.place",
    };
  }
  if (found.keep === keep) return null;
  return {
    message: `step ${step} looks for the earlier ${place} in ${keep}, and step ${found.step} keeps it in ${found.keep}`,
    fix: `give both steps the same \`keep\`: ${found.keep}`,
  };
}

function keepOf(action: ActionCall): string {
  return keepFolder(textOf(action, "keep") || undefined, textOf(action, "directory"));
}

/** Places that a step keeps, with the folder in which it does. */
function keptBy(action: ActionCall): [place: string, keep: string][] {
  if (["release.place", "release.switch"].includes(action.use)) {
    return [[`${textOf(action, "directory")}/current`, keepOf(action)]];
  }
  const files = installedFiles(action);
  const keep = keepBeside(textOf(action, "keep") || undefined, files[0]?.destination ?? "/");
  return files.map(({ destination }) => [destination, keep]);
}

/** What a files.install writes, and from where. */
export function installedFiles(call: ActionCall | undefined): { source: string; destination: string }[] {
  if (call?.use !== "files.install") return [];
  return listOf(call, "files").flatMap((item) => {
    const { source, destination } = (item ?? {}) as { source?: unknown; destination?: unknown };
    return typeof source === "string" && typeof destination === "string" ? [{ source, destination }] : [];
  });
}

function parameter(call: ActionCall | undefined, name: string): unknown {
  const parameters = call?.with;
  if (typeof parameters !== "object" || parameters === null) return undefined;
  return (parameters as Readonly<Record<string, unknown>>)[name];
}

function listOf(call: ActionCall | undefined, name: string): readonly unknown[] {
  const value = parameter(call, name);
  return Array.isArray(value) ? value : [];
}

function textOf(call: ActionCall | undefined, name: string): string {
  const value = parameter(call, name);
  return typeof value === "string" ? value : "";
}

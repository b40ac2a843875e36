import { standsBeside } from "../known-kinds.ts";
import type { Unit } from "./facts.ts";

/**
 * The unit that this repository is about: the one that somebody names; the only one that is built here; the one that
 * bears the repository's name; the only one that is neither a database or the like nor a proxy. Null where it could
 * be several: then nobody is guessed.
 */
export function chooseUnit(
  units: readonly Unit[],
  wanted: string | undefined,
  names: ReadonlySet<string>,
): Unit | null {
  if (wanted !== undefined) return units.find((unit) => unit.name === wanted) ?? null;
  const candidates = findCandidates(units);
  const [only, second] = candidates;
  if (only === undefined || second === undefined) return only ?? null;
  const named = candidates.filter((unit) => names.has(unit.name));
  return named.length === 1 ? (named[0] ?? null) : null;
}

/** Those that may be what the repository is about: what is built here, or else what is no database, queue or proxy. */
export function findCandidates(units: readonly Unit[]): readonly Unit[] {
  const started = units.filter((unit) => !unit.isOptional);
  const those = started.length > 0 ? started : units;
  const own = those.filter((unit) => unit.isOwn);
  const applications = own.length > 0 ? own : those.filter(isApplication);
  return applications.length > 0 ? applications : those;
}

/**
 * Units that the repository may be about: where it holds code of its own, a database or a proxy that somebody starts
 * beside it is none of them.
 */
export function mayBeMeant(units: readonly Unit[], hasCode: boolean): readonly Unit[] {
  return hasCode ? units.filter((unit) => unit.isOwn || isApplication(unit)) : units;
}

function isApplication(unit: Unit): boolean {
  const image = unit.facts.image[0]?.value;
  return unit.kind === undefined && (image === undefined || !standsBeside(image));
}

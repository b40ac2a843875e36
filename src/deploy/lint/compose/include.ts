import { type Lookup, readReferenced } from "./extends.ts";
import type { Value } from "./yaml-value.ts";

const MAX_FILES = 100;

/** The documents that `include:` brings in, and those that they include. */
export function findIncluded(documents: readonly Value[], lookup: Lookup): Value[] {
  const found: Value[] = [];
  const seen = new Set(documents.map(({ source }) => source.path));
  const queue = documents.flatMap((document) => includesOf(document, []));
  for (let next = queue.shift(); next !== undefined && seen.size < MAX_FILES; next = queue.shift()) {
    const read = readReferenced(next.file, lookup) ?? [];
    const path = read[0]?.source.path;
    if (path !== undefined && next.trail.includes(path)) lookup.problems.push(cycle(next.file));
    if (path === undefined || seen.has(path)) continue;
    seen.add(path);
    found.push(...read);
    const { trail } = next;
    queue.push(...read.flatMap((document) => includesOf(document, trail)));
  }
  return found;
}

function includesOf(document: Value, trail: readonly string[]): { file: Value; trail: readonly string[] }[] {
  const here = [...trail, document.source.path];
  return listIncludes(document).map((file) => ({ file, trail: here }));
}

function listIncludes(document: Value): Value[] {
  return (document.get("include")?.items() ?? []).flatMap((item) => {
    const path = item.shape === "map" ? item.get("path") : item;
    return path?.shape === "list" ? [...path.items()] : (path ?? []);
  });
}

function cycle(spot: Value) {
  return {
    spot,
    message: `'${spot.text}' includes this file in its turn`,
    fix: "include what both need from a third file",
  };
}

import { interpolate } from "../interpolate.ts";
import { at, type Located, type LocatedMap, textOf } from "../located/located.ts";
import { type MergeBudget, mergeServices } from "./merge.ts";
import type { SourceFiles } from "./source-files.ts";

/** A service before what it extends is put under it. */
export interface Extendable {
  readonly name: string;
  readonly body: Located;
  readonly file: string;
  /** The folder that the name of another file counts from. */
  readonly folder: string;
  /** A service of the same file. */
  readonly find: (name: string) => Located | undefined;
}

/** Longer chains are nobody's configuration. */
const MAX_CHAIN = 40;

/** A service over what it extends. Torn where that goes in a circle, or cannot be read here. */
export function extendService(
  service: Extendable,
  values: ReadonlyMap<string, string>,
  sources: SourceFiles,
  budget: MergeBudget,
): { body: Located; isTorn: boolean } {
  const layers: Located[] = [];
  const seen = new Set([keyOf(service)]);
  let current: Extendable = service;
  let isTorn = false;
  for (;;) {
    const wanted = at(current.body, "extends");
    layers.push(withoutExtends(current.body));
    if (wanted === undefined || current.body.kind !== "map") break;
    const next = findBase(current, wanted, values, sources);
    const isEnd = next === null || isEndless(next, seen, wanted, sources);
    isTorn ||= isEnd;
    if (next === null || isEnd) break;
    seen.add(keyOf(next));
    current = next;
  }
  const body = layers.reduceRight((base, over) => mergeServices(base, over, budget));
  return { body, isTorn };
}

function isEndless(
  next: Extendable,
  seen: ReadonlySet<string>,
  wanted: Located,
  sources: SourceFiles,
): boolean {
  const isCycle = seen.has(keyOf(next));
  if (!isCycle && seen.size <= MAX_CHAIN) return false;
  const what = isCycle
    ? "extends comes back to"
    : `more than ${MAX_CHAIN} services extend one another, before`;
  const fix = isCycle
    ? "move what both need into a third service, and extend that"
    : "write what they share into one service, and extend that";
  sources.fail("extends-cycle", wanted.place, `${what} the service '${next.name}'`, fix);
  return true;
}

function keyOf({ file, name }: Extendable): string {
  return `${file}\0${name}`;
}

function findBase(
  service: Extendable,
  wanted: Located,
  values: ReadonlyMap<string, string>,
  sources: SourceFiles,
): Extendable | null {
  const named = wanted.kind === "map" ? at(wanted, "service") : wanted;
  const name = interpolate(textOf(named) ?? "", values).text;
  if (name === "") {
    sources.fail(
      "extends",
      wanted.place,
      `'${service.name}' extends a service without a name`,
      "add service: NAME",
    );
    return null;
  }
  if (name === null) {
    sources.isComplete = false;
    const message = "extends depends on a variable; it was not followed";
    sources.report("variable", "warning", wanted.place, message, "name the service");
    return null;
  }
  const file = at(wanted, "file");
  const place = file === undefined ? null : sources.follow(file, service.folder, values, "extends");
  if (file !== undefined && place === null) return null;
  const other = place === null ? service : inFile(place, sources);
  const body = other.find(name);
  if (body !== undefined) return { ...other, name, body };
  const fix = "name a service that the file has";
  const where = place === null ? "there is no such service" : `${textOf(file) ?? ""} does not have it`;
  sources.fail("extends", wanted.place, `'${service.name}' extends '${name}', and ${where}`, fix);
  return null;
}

/** Of several documents the last one that has a service counts. */
function inFile(file: string, sources: SourceFiles): Omit<Extendable, "name" | "body"> {
  const documents = sources.documentsOf(file).toReversed();
  const find = (name: string) => {
    const found = documents.map(({ tree }) => at(tree, "services", name));
    return found.find((value) => value !== undefined);
  };
  return { file, folder: sources.folderOf(file), find };
}

function withoutExtends(body: Located): Located {
  if (body.kind !== "map" || !body.entries.has("extends")) return body;
  const entries = new Map(body.entries);
  entries.delete("extends");
  return { ...body, entries } satisfies LocatedMap;
}

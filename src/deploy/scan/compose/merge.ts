import { Exit, VibeopsError } from "../../../errors.ts";
import type { Located, LocatedEntry, LocatedList, LocatedMap } from "../located.ts";

/** Values that one project may copy while it is put together; people need some hundred. */
const MAX_COPIES = 200_000;

/** Lists of these are also written as mappings, and are merged by name. */
const BY_NAME = new Set([
  "environment",
  "labels",
  "args",
  "annotations",
  "sysctls",
  "extra_hosts",
  "depends_on",
  "networks",
]);

/** The later file's list stands alone. */
const REPLACED = new Set(["command", "entrypoint", "test"]);

export class MergeBudget {
  #left = MAX_COPIES;

  /** @throws VibeopsError `scan.compose-size` */
  spend(count: number, node: Located): void {
    this.#left -= count;
    if (this.#left >= 0) return;
    throw new VibeopsError({
      code: "scan.compose-size",
      exit: Exit.invalid,
      message: "put together, the Compose files become too large",
      ...node.place,
      fix: "write fewer levels of extends, include and aliases",
    });
  }
}

/** One Compose value over another, as the Compose specification merges files and `extends`. */
export function mergeCompose(
  base: Located | undefined,
  over: Located,
  key: string,
  budget: MergeBudget,
): Located | undefined {
  budget.spend(1, over);
  if (over.tag === "!reset") return undefined;
  if (base === undefined || over.tag === "!override" || REPLACED.has(key)) return over;
  if (over.kind === "scalar" && over.isNull) return base;
  const [low, high] = BY_NAME.has(key) ? [byName(base), byName(over)] : [base, over];
  if (low.kind === "map" && high.kind === "map") return mergeMaps(low, high, budget);
  if (low.kind === "list" && high.kind === "list") return mergeLists(low, high, budget);
  return over;
}

function mergeMaps(base: LocatedMap, over: LocatedMap, budget: MergeBudget): LocatedMap {
  budget.spend(base.entries.size, over);
  const entries = new Map(base.entries);
  for (const [name, { key, value }] of over.entries) {
    const merged = mergeCompose(entries.get(name)?.value, value, name, budget);
    if (merged === undefined) entries.delete(name);
    else entries.set(name, { key, value: merged });
  }
  return { kind: "map", place: over.place, entries };
}

/** What the later file adds comes last, so that readers by port or target see it win. */
function mergeLists(base: LocatedList, over: LocatedList, budget: MergeBudget): LocatedList {
  budget.spend(base.items.length + over.items.length, over);
  return { kind: "list", place: over.place, items: [...base.items, ...over.items] };
}

/** `[A=b, C]` as `{ A: b, C: null }`, each name where its item stands. */
export function byName(node: Located): Located {
  if (node.kind !== "list") return node;
  const entries = new Map<string, LocatedEntry>();
  for (const item of node.items) {
    if (item.kind !== "scalar") continue;
    const cut = item.text.indexOf("=");
    const name = cut === -1 ? item.text : item.text.slice(0, cut);
    const text = cut === -1 ? "" : item.text.slice(cut + 1);
    entries.set(name, {
      key: item.place,
      value: { kind: "scalar", place: item.place, text, isNull: cut === -1 },
    });
  }
  return { kind: "map", place: node.place, entries };
}

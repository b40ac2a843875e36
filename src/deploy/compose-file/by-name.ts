import type { Located, LocatedEntry } from "../located/located.ts";

/** `[A=b, C]` as `{ A: b, C: null }`, each name where its item stands; a map as it is. */
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

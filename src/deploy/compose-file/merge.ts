import { Exit, VibeopsError } from "../../errors.ts";
import type { Located, LocatedEntry, LocatedList, LocatedMap } from "../located/located.ts";
import { byName } from "./by-name.ts";

/** Values that one project may copy while it is put together; people need some hundred. */
const MAX_COPIES = 200_000;

/** How a key of a service is merged, where it is not as every map or list is. */
type Manner =
  /** The later one stands alone. */
  | "replace"
  /** Written as a list or as a map: by the names in it. */
  | "by-name"
  /** A single value counts as a list of one. */
  | "list"
  /** A list in which the later entry of the same key takes the place of the former. */
  | ((item: Located) => string | undefined);

const SERVICE: Readonly<Record<string, Manner>> = {
  command: "replace",
  entrypoint: "replace",
  "healthcheck.test": "replace",
  annotations: "by-name",
  "build.args": "by-name",
  "build.labels": "by-name",
  "build.additional_contexts": "by-name",
  depends_on: "by-name",
  "deploy.labels": "by-name",
  environment: "by-name",
  labels: "by-name",
  models: "by-name",
  networks: "by-name",
  sysctls: "by-name",
  dns: "list",
  dns_opt: "list",
  dns_search: "list",
  env_file: "list",
  label_file: "list",
  tmpfs: "list",
  ports: keyOfText,
  expose: keyOfText,
  cap_add: keyOfText,
  cap_drop: keyOfText,
  profiles: keyOfText,
  secrets: keyOfText,
  configs: keyOfText,
  volumes: targetOfMount,
};

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
      file: node.place.file,
      line: node.place.line,
      fix: "write fewer levels of extends, include and aliases",
    });
  }
}

/** One Compose file over another, as the Compose specification merges them. */
export function mergeFiles(base: LocatedMap, over: LocatedMap, budget: MergeBudget): LocatedMap {
  return mergeMaps(base, over, budget, (section, low, high) =>
    section === "services" && low.kind === "map" && high.kind === "map"
      ? mergeMaps(low, high, budget, (_name, one, other) => mergeServices(one, other, budget))
      : mergeAt(section, low, high, budget, {}),
  );
}

/** What a service says itself over what it extends, or over what an earlier file says of it. */
export function mergeServices(base: Located, over: Located, budget: MergeBudget): Located {
  return mergeAt("", base, over, budget, SERVICE);
}

type MergeEntry = (key: string, base: Located, over: Located) => Located;

function mergeMaps(base: LocatedMap, over: LocatedMap, budget: MergeBudget, merge: MergeEntry): LocatedMap {
  budget.spend(base.entries.size + over.entries.size, over);
  const entries = new Map(base.entries);
  for (const [name, { key, value }] of over.entries) {
    const low = entries.get(name)?.value;
    if (value.tag === "!reset") entries.delete(name);
    else if (low === undefined || value.tag === "!override") entries.set(name, { key, value });
    else entries.set(name, { key, value: merge(name, low, value) });
  }
  return { kind: "map", place: over.place, entries };
}

function mergeAt(
  path: string,
  base: Located,
  over: Located,
  budget: MergeBudget,
  manners: Readonly<Record<string, Manner>>,
): Located {
  const manner = Object.hasOwn(manners, path) ? manners[path] : undefined;
  if (manner === "replace") return over;
  if (over.kind === "scalar" && over.isNull) return base;
  const [low, high] = inOneForm(path, manner, base, over);
  if (low.kind === "list" && high.kind === "list")
    return mergeLists(low, high, budget, typeof manner === "function" ? manner : undefined);
  if (low.kind !== "map" || high.kind !== "map") return over;
  // Another driver knows nothing of the former one's options.
  if (path === "logging" && isOtherDriver(low, high)) return over;
  const below = (key: string) => (path === "" ? key : `${path}.${key}`);
  return mergeMaps(low, high, budget, (key, one, other) =>
    manner === "by-name" && other.kind === "scalar"
      ? other
      : mergeAt(below(key), one, other, budget, manners),
  );
}

/** Both as maps, or both as lists, where the specification takes the one for the other. */
function inOneForm(
  path: string,
  manner: Manner | undefined,
  base: Located,
  over: Located,
): [Located, Located] {
  if (manner === "by-name") return [byName(base), byName(over)];
  if (manner === "list") return [asList(base), asList(over)];
  return path === "build" ? [asBuild(base), asBuild(over)] : [base, over];
}

function asList(node: Located): Located {
  return node.kind === "scalar" ? { kind: "list", place: node.place, items: [node] } : node;
}

function asBuild(node: Located): Located {
  if (node.kind !== "scalar" || node.isNull) return node;
  return {
    kind: "map",
    place: node.place,
    entries: new Map([["context", { key: node.place, value: node }]]),
  };
}

function isOtherDriver(base: LocatedMap, over: LocatedMap): boolean {
  const [one, other] = [base, over].map((map) => map.entries.get("driver")?.value);
  return one?.kind === "scalar" && other?.kind === "scalar" && one.text !== other.text;
}

/** What the later file adds comes last, so that readers by port or target see it win. */
function mergeLists(
  base: LocatedList,
  over: LocatedList,
  budget: MergeBudget,
  keyOf: ((item: Located) => string | undefined) | undefined,
): LocatedList {
  budget.spend(base.items.length + over.items.length, over);
  const later = new Set(keyOf === undefined ? [] : over.items.flatMap((item) => keyOf(item) ?? []));
  const kept =
    keyOf === undefined ? base.items : base.items.filter((item) => !later.has(keyOf(item) ?? "\0"));
  return { kind: "list", place: over.place, items: [...kept, ...over.items] };
}

function keyOfText(item: Located): string | undefined {
  return item.kind === "scalar" ? item.text : undefined;
}

/** Where the container sees a mount. */
function targetOfMount(item: Located): string | undefined {
  if (item.kind === "map") return keyOfText(entryOf(item, "target") ?? item);
  if (item.kind !== "scalar") return undefined;
  // From the end, where no drive letter stands: the mode is a word, the target a path.
  const parts = item.text.split(":");
  const last = parts.at(-1) ?? "";
  return parts.length > 1 && !/[/\\]/.test(last) ? parts.at(-2) : last;
}

function entryOf(map: LocatedMap, key: string): LocatedEntry["value"] | undefined {
  return map.entries.get(key)?.value;
}

/** A file that stands alone: what it resets it never had. */
export function withoutResets(node: LocatedMap): LocatedMap {
  const done = new Map<Located, Located>();
  const clean = (one: Located): Located => {
    const known = done.get(one);
    if (known !== undefined) return known;
    const cleaned = cleanOnce(one, clean);
    done.set(one, cleaned);
    return cleaned;
  };
  const cleaned = clean(node);
  return cleaned.kind === "map" ? cleaned : node;
}

function cleanOnce(node: Located, clean: (one: Located) => Located): Located {
  if (node.kind === "list")
    return { ...node, items: node.items.filter(({ tag }) => tag !== "!reset").map(clean) };
  if (node.kind !== "map") return node;
  const kept = [...node.entries].filter(([, { value }]) => value.tag !== "!reset");
  return {
    ...node,
    entries: new Map(kept.map(([name, { key, value }]) => [name, { key, value: clean(value) }])),
  };
}

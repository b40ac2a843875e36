import { Exit, VibeopsError } from "../../../errors.ts";
import { addToConfig } from "../../../project/config-edit.ts";
import {
  INVENTORY_FILE,
  type Inventory,
  inventorySchema,
  type LoadedInventory,
} from "../../../project/inventory.ts";
import { NAME_PATTERN } from "../../../project/names.ts";
import { decodeText } from "../../../text/decode.ts";
import { unifiedDiff } from "../../../text/diff.ts";
import { readYaml } from "../../../text/yaml-own.ts";
import { type Plain, spliceYaml } from "../../../text/yaml-splice.ts";
import type { Found } from "./found.ts";

/** What an import would write; nothing has been written. */
export interface ImportPlan {
  readonly form: string;
  readonly before: string;
  readonly after: string;
  /** Empty where there is nothing new. */
  readonly diff: string;
  /** `hosts.web1`, `services.shop.memory`. */
  readonly added: readonly string[];
  /** What was left out, and why. */
  readonly left: readonly string[];
}

const EMPTY = "hosts: {}\n\nservices: {}\n";

/**
 * Adds what is not in the inventory yet: whole entries, and keys that an entry lacks. What a person wrote stays, be it
 * another value.
 *
 * @param host where the services run
 * @throws VibeopsError `inventory.host`; `config.by-hand` where the file leaves no place for an entry
 */
export function planImport(loaded: LoadedInventory, found: Found, host: string | undefined): ImportPlan {
  const before = loaded.bytes === null ? EMPTY : decodeText(loaded.bytes, loaded.file);
  const draft: Draft = { text: before, added: [], left: [] };
  for (const { name, ...fields } of found.hosts) add(draft, "hosts", name, fields, loaded.inventory.hosts);
  const hosts = readYaml(draft.text, inventorySchema, INVENTORY_FILE).value.hosts;
  for (const { name, ...fields } of found.services) {
    const known = Object.hasOwn(loaded.inventory.services, nameOf(name));
    const place = known ? {} : { host: chooseHost(Object.keys(hosts), host) };
    add(draft, "services", name, { ...place, ...fields }, loaded.inventory.services);
  }
  const diff = unifiedDiff(loaded.bytes === null ? "" : before, draft.text, INVENTORY_FILE);
  return {
    form: found.form,
    before,
    after: draft.text,
    diff: draft.added.length === 0 ? "" : diff,
    added: draft.added,
    left: draft.left,
  };
}

interface Draft {
  text: string;
  readonly added: string[];
  readonly left: string[];
}

/** Names of containers and projects are made into names of ours where only case and separators differ. */
function nameOf(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[ ./:]+/g, "-");
}

function add(
  draft: Draft,
  section: "hosts" | "services",
  given: string,
  fields: Readonly<Record<string, Plain | undefined>>,
  existing: Inventory["hosts"] | Inventory["services"],
): void {
  const name = nameOf(given);
  const values = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  if (!NAME_PATTERN.test(name)) {
    draft.left.push(`${section}: ${JSON.stringify(given.slice(0, 60))} can be no name here`);
    return;
  }
  const allowed = values.filter(([key, value]) => isAllowed(section, key, value));
  for (const [key] of values.filter((entry) => !allowed.includes(entry)))
    draft.left.push(`${section}.${name}.${key}: its value cannot stand here`);
  const entry = Object.hasOwn(existing, name) ? existing[name] : undefined;
  const isNew = entry === undefined && !draft.added.includes(`${section}.${name}`);
  if (isNew) addEntry(draft, section, name, Object.fromEntries(allowed));
  else for (const [key, value] of allowed) complete(draft, section, name, key, value, entry);
}

function addEntry(draft: Draft, section: string, name: string, value: Plain): void {
  try {
    draft.text = addToConfig(draft.text, [{ section, key: name, value }]);
    draft.added.push(`${section}.${name}`);
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    throw new VibeopsError({
      code: error.code,
      exit: error.exit,
      message: error.message,
      file: INVENTORY_FILE,
      fix: error.fix,
    });
  }
}

/** A key that an entry of a person's lacks. */
function complete(
  draft: Draft,
  section: string,
  name: string,
  key: string,
  value: Plain,
  entry: object | undefined,
): void {
  if (entry === undefined) return;
  const has = Object.entries(entry).find(([own, old]) => own === key && old !== undefined)?.[1];
  const place = `${section}.${name}.${key}`;
  if (has !== undefined) {
    if (JSON.stringify(has) !== JSON.stringify(value))
      draft.left.push(`${place}: the inventory says otherwise, and stays`);
    return;
  }
  const text = spliceYaml(draft.text, { kind: "set", in: [section, name], key, value });
  if (text === null) draft.left.push(`${place}: there is no place for it in the file; add it by hand`);
  else {
    draft.text = text;
    draft.added.push(place);
  }
}

/** Whether the schema takes this value: what comes from outside is checked one by one, so that one bad line loses no other. */
function isAllowed(section: "hosts" | "services", key: string, value: Plain): boolean {
  const base = section === "services" && key !== "host" ? { host: "x" } : {};
  return inventorySchema.safeParse({ [section]: { x: { ...base, [key]: value } } }).success;
}

function chooseHost(names: readonly string[], wanted: string | undefined): string {
  const only = names.length === 1 ? names[0] : undefined;
  const host = wanted ?? only;
  if (host !== undefined && names.includes(host)) return host;
  throw new VibeopsError({
    code: "inventory.host",
    exit: Exit.usage,
    message:
      host === undefined
        ? "nothing says on which host these services run"
        : `the inventory has no host '${host}'`,
    fix:
      names.length === 0
        ? "add the host under hosts: in inventory.yaml first"
        : `add --host NAME: ${names.join(", ")}`,
  });
}

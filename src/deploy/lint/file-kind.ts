import { basename, dirname } from "node:path";

/** What a file is to lint; `other` is nothing that we have rules for. */
export type FileKind =
  | "compose"
  | "caddy"
  | "project"
  | "inventory"
  | "policy"
  | "memo"
  | "runbook"
  | "kubernetes"
  | "other";

/** `docker_compose.yaml` may be anything; a name that begins with `compose` or `docker-compose` means it. */
const EXACT_COMPOSE = /^(?:docker-|podman-)?compose(?:[._-][\w.-]+)?\.ya?ml$/i;

const NAMES: readonly (readonly [RegExp, FileKind])[] = [
  [EXACT_COMPOSE, "compose"],
  // Of these the text decides.
  [/^(?:(?:docker|podman)[- ])?compose(?:[._ (-][^/]*)?\.ya?ml$|^[^/]+[._-]compose\.ya?ml$/i, "compose"],
  [/^Caddyfile(?:\.[\w-]+)?$|\.caddy(?:file)?$/i, "caddy"],
  [/^vibeops\.yaml$/, "project"],
  [/^inventory\.yaml$/, "inventory"],
  [/^policy\.yaml$/, "policy"],
];

/** By its name and place alone. */
export function kindByName(path: string): FileKind {
  const name = basename(path);
  const found = NAMES.find(([pattern]) => pattern.test(name))?.[1];
  if (found !== undefined) return found;
  if (!name.endsWith(".md")) return "other";
  const folder = dirname(path);
  if (name === "runbook.md" && basename(dirname(folder)) === "runbooks") return "runbook";
  return /\/memos\/(?:incoming|archived\/\d{4}-\d{2}|sent\/\d{4}-\d{2}|outgoing)$/.test(folder)
    ? "memo"
    : "other";
}

/** By what stands in it, for a file that somebody named. */
export function kindByText(path: string, text: string): FileKind {
  const byName = kindByName(path);
  const isNamedLoosely = byName === "compose" && !EXACT_COMPOSE.test(basename(path));
  if (byName !== "other" && !isNamedLoosely) return byName;
  if (/\.ya?ml$/i.test(path)) {
    if (/^["']?(?:services|include)["']?[ \t]*:/m.test(text)) return "compose";
    if (/^apiVersion[ \t]*:/m.test(text) && /^kind[ \t]*:/m.test(text)) return "kubernetes";
  }
  return path.endsWith(".md") && /^---\r?\n(?:[^\n]*\n){0,20}?from[ \t]*:/.test(text) ? "memo" : "other";
}

import type { ComposeFiles } from "./compose-files.ts";
import { readEnvValues } from "./env-values.ts";

/** What Compose takes where nobody says, in its own order. */
const DEFAULTS = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
/** Of these it lays the first one over them. */
const OVERRIDES = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];

/** A name that says that another file comes first: `docker-compose.override.yml`, `compose-override.local.yaml`. */
const OVERRIDE = /^(?:docker-|podman-)?compose(?:[._-][^/\\]*)?[._-]override(?:[._-][^/\\]*)?\.ya?ml$/i;
/** `docker-compose.prod.yml`: it adds to the file without the word in the middle, where there is one. */
const VARIANT = /^(compose|docker-compose)\.[^/\\]+\.ya?ml$/;

/** Whether Compose itself begins with a file of this name. */
export function isDefaultName(name: string): boolean {
  return DEFAULTS.includes(name);
}

export interface ChosenFiles {
  /** In the order in which Compose lays them over each other. */
  readonly files: readonly string[];
  /** Whether a file is among them that `docker compose` starts from; an override alone says only half. */
  readonly isWhole: boolean;
  /** Whether the last of them may also be a project of its own: its name does not say. */
  readonly mayStandAlone: boolean;
}

/** The files that `docker compose` takes in a folder by itself: those of COMPOSE_FILE, or the default and its override. */
export function chooseInFolder(folder: string, files: ComposeFiles): readonly string[] {
  const named = readComposeFile(folder, files);
  if (named.length > 0) return named;
  const [main] = present(DEFAULTS, folder, files);
  return main === undefined ? [] : [main, ...present(OVERRIDES, folder, files).slice(0, 1)];
}

/** The project that a file belongs to. */
export function chooseForFile(path: string, files: ComposeFiles): ChosenFiles {
  const folder = files.folderOf(path);
  const name = path.slice(path.search(/[^/\\]*$/));
  const together = chooseInFolder(folder, files);
  if (together.includes(path)) return { files: together, isWhole: true, mayStandAlone: false };
  const isOverride = OVERRIDE.test(name);
  const [main] = isOverride ? together : [];
  if (main !== undefined) return { files: [main, path], isWhole: true, mayStandAlone: false };
  if (isOverride) return { files: [path], isWhole: false, mayStandAlone: false };
  const stem = VARIANT.exec(name)?.[1];
  const [base] = stem === undefined ? [] : present([`${stem}.yaml`, `${stem}.yml`], folder, files);
  return { files: base === undefined ? [path] : [base, path], isWhole: true, mayStandAlone: true };
}

/** `COMPOSE_FILE` of the `.env` in a folder, as far as its files are there. */
function readComposeFile(folder: string, files: ComposeFiles): string[] {
  const values = readDotEnv(folder, files);
  const separator = values.get("COMPOSE_PATH_SEPARATOR") || ":";
  const names = values.get("COMPOSE_FILE")?.split(separator) ?? [];
  const paths = names.filter((name) => name !== "").map((name) => files.resolve(folder, name));
  // One that is elsewhere makes another project of the rest.
  return paths.every((path) => path !== null && files.has(path)) ? paths.flatMap((path) => path ?? []) : [];
}

/** What the `.env` beside a Compose file sets; empty where there is none. */
export function readDotEnv(folder: string, files: ComposeFiles): ReadonlyMap<string, string> {
  const path = files.resolve(folder, ".env");
  if (path === null || !files.has(path)) return new Map();
  const read = files.read(path);
  return "text" in read ? readEnvValues(read.text) : new Map();
}

function present(names: readonly string[], folder: string, files: ComposeFiles): string[] {
  return names.flatMap((name) => {
    const path = files.resolve(folder, name);
    return path !== null && files.has(path) ? [path] : [];
  });
}

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { ComposeError, notCarriedOut } from "./compose-error.ts";
import { parseEnvFile } from "./env-file.ts";
import { interpolate, type Variables } from "./interpolate.ts";
import { checkKeys, type Mapping, readMapping, readText, readTexts } from "./values.ts";

/** The options that stand before the subcommand. Paths are as typed. */
export interface ProjectOptions {
  files: string[];
  envFiles: string[];
  profiles: string[];
  directory?: string;
  name?: string;
}

/** A Compose project, interpolated and checked on its upper levels. */
export interface Project {
  name: string;
  directory: string;
  file: string;
  variables: Variables;
  services: Record<string, Mapping>;
  networks: Record<string, Mapping>;
  volumes: Record<string, Mapping>;
  secrets: Record<string, Mapping>;
  configs: Record<string, Mapping>;
}

const FILE_NAMES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const TOP_LEVEL = ["name", "version", "services", "networks", "volumes", "secrets", "configs"];

export function readProject(
  options: ProjectOptions,
  environment: Variables,
  warn: (text: string) => void,
): Project {
  const file = findFile(options, environment);
  const directory = resolve(options.directory ?? dirname(file));
  const variables = { ...readVariables(options, directory, environment), ...environment };
  const document = parseDocument(file);
  const unset = new Set<string>();
  const root = interpolateAll(document, variables, (name) => unset.add(name));
  for (const name of unset) {
    warn(`The "${name}" variable is not set. Defaulting to a blank string.`);
  }
  checkKeys(root, "", TOP_LEVEL, ["include", "models"], notCarriedOut);
  const services = readSection(root, "services");
  if (Object.keys(services).length === 0) throw new ComposeError("empty compose file");
  return {
    name: chooseName(options, root, directory, variables),
    directory,
    file,
    variables,
    services: selectByProfile(services, readProfiles(options, variables)),
    networks: readSection(root, "networks"),
    volumes: readSection(root, "volumes"),
    secrets: readSection(root, "secrets"),
    configs: readSection(root, "configs"),
  };
}

function findFile(options: ProjectOptions, environment: Variables): string {
  const named = options.files.length > 0 ? options.files : (environment.COMPOSE_FILE?.split(":") ?? []);
  if (named.length > 1) throw notCarriedOut("more than one --file");
  const only = named[0];
  if (only !== undefined) {
    if (!existsSync(only)) throw new ComposeError(`open ${resolve(only)}: no such file or directory`);
    return resolve(only);
  }
  const directory = resolve(options.directory ?? ".");
  const found = FILE_NAMES.map((name) => join(directory, name)).find((path) => existsSync(path));
  if (found === undefined) throw new ComposeError("no configuration file provided: not found");
  const override = found.replace(/(\.ya?ml)$/, ".override$1");
  if (existsSync(override)) throw notCarriedOut(basename(override));
  return found;
}

function readVariables(options: ProjectOptions, directory: string, environment: Variables): Variables {
  const fallback = join(directory, ".env");
  const paths = options.envFiles.length > 0 ? options.envFiles : existsSync(fallback) ? [fallback] : [];
  let variables: Record<string, string> = {};
  for (const path of paths) {
    if (!existsSync(path)) throw new ComposeError(`couldn't find env file: ${resolve(path)}`);
    variables = { ...variables, ...parseEnvFile(readFileSync(path, "utf8"), path, environment) };
  }
  return variables;
}

function parseDocument(file: string): Mapping {
  try {
    return readMapping(parse(readFileSync(file, "utf8"), { merge: true }), file);
  } catch (error) {
    throw new ComposeError(`parsing ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function interpolateAll(value: Mapping, variables: Variables, onUnset: (name: string) => void): Mapping {
  const visit = (item: unknown): unknown => {
    if (typeof item === "string") return interpolate(item, variables, onUnset);
    if (Array.isArray(item)) return item.map(visit);
    if (item === null || typeof item !== "object") return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(value) as Mapping;
}

function readSection(root: Mapping, key: string): Record<string, Mapping> {
  const section = readMapping(root[key], key);
  return Object.fromEntries(
    Object.entries(section).map(([name, value]) => [name, readMapping(value, `${key}.${name}`)]),
  );
}

function chooseName(options: ProjectOptions, root: Mapping, directory: string, variables: Variables): string {
  const named = options.name ?? (variables.COMPOSE_PROJECT_NAME || undefined);
  const chosen = named ?? (root.name === undefined ? undefined : readText(root.name, "name"));
  if (chosen === undefined) {
    return (
      basename(directory)
        .toLowerCase()
        .replace(/[^a-z0-9_-]/g, "")
        .replace(/^[_-]+/, "") || "default"
    );
  }
  if (/^[a-z0-9][a-z0-9_-]*$/.test(chosen)) return chosen;
  throw new ComposeError(
    `invalid project name "${chosen}": must consist only of lowercase alphanumeric characters, hyphens, ` +
      "and underscores as well as start with a letter or number",
  );
}

function readProfiles(options: ProjectOptions, variables: Variables): string[] {
  return [...options.profiles, ...(variables.COMPOSE_PROFILES ?? "").split(",")].filter(Boolean);
}

function selectByProfile(services: Record<string, Mapping>, profiles: string[]): Record<string, Mapping> {
  return Object.fromEntries(
    Object.entries(services).filter(([name, service]) => {
      const wanted = readTexts(service.profiles, `services.${name}.profiles`);
      return wanted.length === 0 || profiles.includes("*") || wanted.some((one) => profiles.includes(one));
    }),
  );
}

import { posix } from "node:path";
import { type Fact, fact } from "../fact.ts";
import { type Facts, type FoundPort, type FoundVariable, joinFacts } from "../facts.ts";
import type { Findings } from "../findings.ts";
import type { RepositoryFiles } from "../repository-files.ts";
import { readActuator } from "./actuator.ts";
import { readSpringSettings, type SpringSettings } from "./spring-settings.ts";

/** What counts in production: the settings of every profile, and those of profiles with such a name. */
const SETTINGS =
  /^(?:.*\/)?src\/main\/resources\/(?:config\/)?application(?:-prod(?:uction)?)?\.(?:ya?ml|properties)$/;
const MAX_FILES = 20;

/**
 * What Spring's own settings take from the environment, the port on which they say that it listens, and where Actuator
 * answers.
 *
 * @param actuator the places that ask for Actuator
 */
export function scanSpring(
  files: RepositoryFiles,
  base: string,
  actuator: readonly Fact<string>[],
  findings: Findings,
): Partial<Facts> {
  const prefix = base === "." ? "" : `${base}/`;
  const paths = files.paths.filter((path) => path.startsWith(prefix) && SETTINGS.test(path));
  const read = paths.slice(0, MAX_FILES).flatMap((path) => {
    const text = files.read(path);
    return text === null ? [] : [{ path, text, settings: readSpringSettings(text, path, findings) }];
  });
  // A profile's settings stand above those of all.
  const inOrder = read.toSorted(
    (one, other) => Number(isOfProfile(one.path)) - Number(isOfProfile(other.path)),
  );
  const settings: SpringSettings = new Map(inOrder.flatMap((one) => [...one.settings]));
  return joinFacts(
    {
      variable: read.flatMap(({ path, text }) => readVariables(text, path)),
      port: read.flatMap((one) => readPort(one.settings)),
    },
    ...actuator.slice(0, 1).map((found) => readActuator(found, settings)),
  );
}

function isOfProfile(path: string): boolean {
  return /application-[^/]*$/.test(path);
}

/** `${DB_URL}`, and `${PORT:8080}` with a default; in small letters it is another setting. */
function readVariables(text: string, file: string): Fact<FoundVariable>[] {
  return text.split("\n").flatMap((line, i) =>
    /^\s*[#!]/.test(line)
      ? []
      : [...line.matchAll(/\$\{([A-Z][A-Z0-9_]{0,127})(:)?/g)].map((match) => {
          const name = match[1] ?? "";
          const value = match[2] === undefined ? { name } : { name, required: false };
          return fact<FoundVariable>(value, { file, line: i + 1 }, posix.basename(file));
        }),
  );
}

function readPort(settings: SpringSettings): Fact<FoundPort>[] {
  const found = settings.get("server.port");
  if (found === undefined) return [];
  // A default that a variable may change is told as one.
  const match = /^(?:\$\{([A-Za-z][\w.]*):)?(\d{1,5})\}?$/.exec(found.value);
  const container = Number(match?.[2]);
  if (match === null || container < 1 || container > 65_535) return [];
  const word = match[1] === undefined ? "server.port" : `server.port (default of ${match[1]})`;
  return [fact({ container }, found, word)];
}

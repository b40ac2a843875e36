import { posix } from "node:path";
import { at, scalarOf } from "../../located/located.ts";
import { readYamlDocuments } from "../../located/read-yaml.ts";
import { type Fact, fact } from "../fact.ts";
import type { Facts, FoundPort, FoundVariable } from "../facts.ts";
import type { Findings } from "../findings.ts";
import type { RepositoryFiles } from "../repository-files.ts";

/** What counts in production: the settings of every profile, and those of profiles with such a name. */
const SETTINGS =
  /^(?:.*\/)?src\/main\/resources\/(?:config\/)?application(?:-prod(?:uction)?)?\.(?:ya?ml|properties)$/;
const MAX_FILES = 20;

/** What Spring's own settings take from the environment, and the port on which they say that it listens. */
export function scanSpring(files: RepositoryFiles, base: string, findings: Findings): Partial<Facts> {
  const prefix = base === "." ? "" : `${base}/`;
  const paths = files.paths.filter((path) => path.startsWith(prefix) && SETTINGS.test(path));
  const read = paths.slice(0, MAX_FILES).flatMap((path) => {
    const text = files.read(path);
    return text === null ? [] : [{ path, text }];
  });
  return {
    variable: read.flatMap(({ path, text }) => readVariables(text, path)),
    port: read.flatMap(({ path, text }) => readPort(text, path, findings)),
  };
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

function readPort(text: string, file: string, findings: Findings): Fact<FoundPort>[] {
  const found = file.endsWith(".properties")
    ? readPropertyPort(text, file)
    : readYamlPort(text, file, findings);
  if (found === undefined) return [];
  // A default that a variable may change is told as one.
  const match = /^(?:\$\{([A-Za-z][\w.]*):)?(\d{1,5})\}?$/.exec(found.value);
  const container = Number(match?.[2]);
  if (match === null || container < 1 || container > 65_535) return [];
  const word = match[1] === undefined ? "server.port" : `server.port (default of ${match[1]})`;
  return [fact({ container }, found, word)];
}

function readPropertyPort(text: string, file: string): Fact<string> | undefined {
  const lines = text.split("\n").map((line) => /^\s*server\.port\s*[=:]\s*(\S+)/.exec(line)?.[1]);
  const i = lines.findIndex((value) => value !== undefined);
  return i === -1 ? undefined : fact(lines[i] ?? "", { file, line: i + 1 }, "server.port");
}

function readYamlPort(text: string, file: string, findings: Findings): Fact<string> | undefined {
  // Maven fills these in, `@` begins no value of YAML otherwise.
  const filled = text.replace(/(?<=[:-][ \t]+)@[\w.-]{1,100}@/g, '"$&"');
  const [first] = findings.attempt(file, () => readYamlDocuments(filled, file)) ?? [];
  const port = scalarOf(at(first, "server", "port")) ?? scalarOf(at(first, "server.port"));
  return port === undefined ? undefined : fact(port.text, port.place, "server.port");
}

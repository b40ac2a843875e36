import { dirname } from "node:path";
import type { Context } from "../../../platform/context.ts";
import { findGit, tryGit } from "../../../platform/git.ts";
import { offsetOfLine } from "../../../text/lines.ts";
import { isPlaceholder } from "../../../text/placeholder.ts";
import { isSecretName } from "../../../text/secret-values.ts";
import { type EnvLine, readEnvLines } from "../../compose-file/env-values.ts";
import type { Reader } from "../reader.ts";
import type { Problem, RuleInfo, Spot } from "../rule.ts";
import type { Source } from "../source.ts";
import { type ComposeProject, topEntries } from "./project.ts";

export const committedEnvFile: RuleInfo = {
  id: "compose.env-file-committed",
  level: "error",
  summary: "a file with secrets is in no repository",
  why: "Everybody who has the repository has them, and its history keeps them.",
};

interface Suspect {
  readonly path: string;
  /** As the Compose file calls it. */
  readonly name: string;
  /** What is in it, in words. */
  readonly what: string;
  readonly spot: Spot;
}

/**
 * Env files of these services and the `.env` beside their file that hold values of secret variables, and the files of
 * `secrets:`, as far as git has them. The values are never shown.
 */
export async function findCommittedEnvFiles(
  project: ComposeProject,
  env: Context["env"],
): Promise<Problem[]> {
  const suspects = [...dotEnv(project), ...envFiles(project), ...secretFiles(project)];
  const paths = [...new Set(suspects.map(({ path }) => path))];
  const tracked = paths.length === 0 ? new Set() : await listTracked(project.source, paths, env);
  return suspects
    .filter(({ path }) => tracked.has(path))
    .map(({ spot, name, what }) => ({
      spot,
      message: `git has '${name}', and ${what} is in it`,
      fix: "take it out of the repository (git rm --cached), name it in .gitignore, and change what was in it",
    }));
}

/** Compose reads it without being told: the finding stands in it. */
function dotEnv({ source, sources, reader }: ComposeProject): Suspect[] {
  const path = reader.resolve(dirname((sources[0] ?? source).path), ".env");
  const found = path === null ? null : secretIn(path, reader);
  if (path === null || found === null) return [];
  const { line, source: file } = found;
  const spot = { source: file, offset: offsetOfLine(file.text, line.line) };
  return [{ path, name: ".env", what: `a value of ${line.name}`, spot }];
}

function envFiles({ services, reader }: ComposeProject): Suspect[] {
  const items = services.flatMap((service) => service.items("env_file"));
  return items.flatMap((item) => {
    const spot = item.shape === "map" ? item.get("path") : item;
    const name = spot?.filled;
    if (spot === undefined || typeof name !== "string") return [];
    const path = reader.find(spot, name);
    const found = path === null ? null : secretIn(path, reader);
    return path === null || found === null
      ? []
      : [{ path, name, what: `a value of ${found.line.name}`, spot }];
  });
}

/** A certificate is for everybody, and words in place of a value are none. */
function secretFiles(project: ComposeProject): Suspect[] {
  return topEntries(project, "secrets").flatMap(({ key, value }) => {
    const spot = value.get("file");
    const name = spot?.filled;
    if (spot === undefined || !name) return [];
    const path = project.reader.find(spot, name);
    const read = path === null ? null : project.reader.read(path);
    if (path === null || read === null || !("source" in read)) return [];
    const { text } = read.source;
    if (/^-----BEGIN (?:TRUSTED )?CERTIFICATE-----/.test(text) || isPlaceholder(text)) return [];
    return [{ path, name, what: `the secret '${key}'`, spot }];
  });
}

function secretIn(path: string, reader: Reader): { line: EnvLine; source: Source } | null {
  const read = reader.read(path);
  if (!("source" in read)) return null;
  const line = readEnvLines(read.source.text).find(
    ({ name, value }) =>
      value !== null && isSecretName(name) && !isPlaceholder(value.replaceAll(/^["']|["']$/g, "")),
  );
  return line === undefined ? null : { line, source: read.source };
}

async function listTracked(
  { path }: Source,
  files: readonly string[],
  env: Context["env"],
): Promise<Set<string>> {
  const folder = dirname(path);
  const repo = findGit(folder, env);
  if (repo === null) return new Set();
  const checked = await Promise.all(
    files.map(async (file) => {
      const { exitCode } = await tryGit(repo, ["ls-files", "--error-unmatch", "--", file]);
      return exitCode === 0 ? [file] : [];
    }),
  );
  return new Set(checked.flat());
}

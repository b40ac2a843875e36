import { dirname } from "node:path";
import type { Context } from "../../../platform/context.ts";
import { findGit, tryGit } from "../../../platform/git.ts";
import { isPlaceholder } from "../../../text/placeholder.ts";
import { isSecretName } from "../../../text/secret-values.ts";
import type { Reader } from "../reader.ts";
import type { Problem, RuleInfo, Spot } from "../rule.ts";
import type { Source } from "../source.ts";
import type { ComposeProject } from "./project.ts";

export const committedEnvFile: RuleInfo = {
  id: "compose.env-file-committed",
  level: "error",
  summary: "an env file with secrets is in no repository",
  why: "Everybody who has the repository has them, and its history keeps them.",
};

/** Env files of these services that git has and that hold values of secret variables. The values are never shown. */
export async function findCommittedEnvFiles(
  project: ComposeProject,
  env: Context["env"],
): Promise<Problem[]> {
  const named = project.services.flatMap((service) =>
    service.items("env_file").flatMap((item) => {
      const value = item.shape === "map" ? item.get("path") : item;
      const name = value === undefined ? null : value.filled;
      const path = name === null || value === undefined ? null : project.reader.find(value, name);
      return path === null || value === undefined ? [] : [{ spot: value as Spot, path, name }];
    }),
  );
  const suspects = named.filter(({ path }) => secretIn(path, project.reader) !== null);
  const tracked =
    suspects.length === 0
      ? new Set()
      : await listTracked(
          project.source,
          suspects.map(({ path }) => path),
          env,
        );
  return suspects
    .filter(({ path }) => tracked.has(path))
    .map(({ spot, name, path }) => ({
      spot,
      message: `git has '${name}', and a value of ${secretIn(path, project.reader)} is in it`,
      fix: "take it out of the repository (git rm --cached), name it in .gitignore, and change what was in it",
    }));
}

function secretIn(path: string, reader: Reader): string | null {
  const read = reader.read(path);
  if (!("source" in read)) return null;
  for (const line of read.source.text.split("\n")) {
    const [, name = "", value = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (isSecretName(name) && !isPlaceholder(value.replaceAll(/^["']|["']$/g, ""))) return name;
  }
  return null;
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

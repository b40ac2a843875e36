import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "./project.ts";

/**
 * podman-compose works in the folder of its file, and so does what watches over the container afterwards: were the
 * folder gone, no restart policy would start the container again.
 */
const WORK = "/run/docker-shim";

/** Calls podman-compose with a document in a file, which is gone afterwards. */
export async function withDocument<T>(
  name: string,
  document: unknown,
  call: (file: string) => Promise<T>,
): Promise<T> {
  mkdirSync(WORK, { recursive: true });
  const file = join(WORK, `${name}-${process.pid}.yaml`);
  try {
    writeFileSync(file, JSON.stringify(escapeDollars(document)));
    return await call(file);
  } finally {
    rmSync(file, { force: true });
  }
}

export function composeArguments(project: Project, file: string, runArguments: readonly string[]): string[] {
  return [
    ...["--file", file, "--project-name", project.name],
    `--podman-run-args=${runArguments.map(quoteForShell).join(" ")}`,
  ];
}

/** podman-compose interpolates once more; what is written here is final. */
function escapeDollars(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (Array.isArray(value)) return value.map(escapeDollars);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escapeDollars(inner)]));
}

function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

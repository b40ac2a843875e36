import * as z from "zod/mini";
import { quoteCommand, quoteWord } from "../../platform/quote.ts";
import { absolutePath, argument } from "./parameters.ts";

/** Where a restic repository is and how it opens. Passwords and keys stay in files on the host. */
export const repositoryParameters = {
  repository: argument.check(
    z.minLength(1),
    z.refine((text) => !/:\/\/[^/]*:[^/]*@/.test(text), {
      error: "an address without a password; keep it in the `environment` file",
    }),
    z.describe("the restic repository, such as /srv/restic or s3:https://s3.example.com/backups"),
  ),
  password_file: absolutePath.check(z.describe("file on the host with the repository's password")),
  environment: z
    .optional(absolutePath)
    .check(z.describe("file on the host with NAME='value' lines, read by sh: the keys of an object store")),
};

export interface Repository {
  readonly repository: string;
  readonly password_file: string;
  readonly environment?: string | undefined;
}

export function restic({ repository, password_file }: Repository, ...words: string[]): string {
  const where = [`--repo=${repository}`, `--password-file=${password_file}`];
  return quoteCommand(["restic", ...where, "--quiet", ...words]);
}

/** To stand before the first call of restic; empty where there is no such file. */
export function readEnvironment({ environment }: Repository): string {
  return environment === undefined ? "" : `set -a\n. ${quoteWord(environment)}\nset +a\n`;
}

/** Every snapshot of a runbook carries this. */
export function runbookTag(runbook: string): string {
  return `vibeops-${runbook}`;
}

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Scan } from "../../../src/deploy/scan/scan.ts";
import { type ScanOptions, scanRepository } from "../../../src/deploy/scan/scan-repository.ts";
import { testContext } from "../../helpers/context.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";

interface Folder {
  directory: string;
  write: (path: string, text: string | Uint8Array) => void;
  git: (...args: string[]) => void;
  scan: (options?: ScanOptions) => Promise<Scan>;
}

/** A folder to scan, not in git until `git("init")`. */
export function makeFolder(): Folder {
  const top = temporaryDirectory();
  const directory = join(top, "repo");
  mkdirSync(directory);
  const context = testContext(top);
  return {
    directory,
    write: (path, text) => {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    },
    git: (...args) => {
      execFileSync("git", args, { cwd: directory, env: context.env as NodeJS.ProcessEnv, stdio: "ignore" });
    },
    scan: (options = {}) => scanRepository(directory, options, context),
  };
}

/** What a folder with these files says. */
export function scanFiles(files: Readonly<Record<string, string>>, options: ScanOptions = {}): Promise<Scan> {
  const { write, scan } = makeFolder();
  for (const [path, text] of Object.entries(files)) write(path, text);
  return scan(options);
}

/** Evidence, remarks and conflicts of a field, each as `value: source`. */
export function said({ evidence, remarks, conflicts }: Scan, field: string): string[] {
  const all = [...evidence, ...remarks, ...conflicts.flatMap((conflict) => conflict.said)];
  return all.filter((one) => one.field === field).map(({ value, source }) => `${value}: ${source}`);
}

export const rules = (scan: Scan) => scan.findings.map(({ rule, file, line }) => `${rule} ${file}:${line}`);

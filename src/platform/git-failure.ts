import { Exit, type ExitCode } from "../errors.ts";

/** How a git ended, as far as whoever tells of it knows. */
export interface GitEnding {
  readonly stderr: string;
  readonly exitCode?: number;
  readonly signal?: string | null;
}

interface Failure {
  readonly code: string;
  readonly exit: ExitCode;
  readonly message: string;
  readonly fix?: string;
}

const DAMAGED_OBJECT =
  /(?:loose object|unable to (?:unpack|read)(?: tree| object)?|could not read|cannot read object|missing (?:blob|tree|commit)|bad object|bad tree object|packed object|unable to parse commit|could not parse commit|corrupt loose object|sha1 mismatch for|hash mismatch) '?([0-9a-f]{40,64})\b/i;
const DAMAGED_PACK =
  /(?:packfile|index file|pack) (\S*\.git\/\S+?\.(?:pack|idx))\b.*(?:corrupt|invalid|does not match|too small|bad|cannot)/i;
const BROKEN_CONFIG = /bad (?:numeric )?config (?:line (\d+) in|.*? in) (?:file )?(\S+)/;

/** What git's own words mean for a person; where it said nothing, how it ended. */
export function explainFailure(verb: string, { stderr, exitCode, signal }: GitEnding): Failure {
  const said = stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("hint:"));
  const text = said.join("\n");
  const [, line, file] = BROKEN_CONFIG.exec(text) ?? [];
  if (file !== undefined) return brokenConfig(file, line);
  const object = DAMAGED_OBJECT.exec(text)?.[1];
  if (object !== undefined) return damagedObject(object);
  const pack = DAMAGED_PACK.exec(text)?.[1];
  if (pack !== undefined) return damaged(`the pack ${pack} of this repository is damaged`);
  const words = said.length === 0 ? endedSilently(exitCode, signal) : said.slice(-3).join(" / ").trim();
  return { code: "git.failed", exit: Exit.unexpected, message: `git ${verb} failed: ${words}` };
}

function brokenConfig(file: string, line: string | undefined): Failure {
  const where = line === undefined ? file : `line ${line} of ${file}`;
  const fix = `correct it in an editor; git says more: git config --list --file '${file}'`;
  return { code: "git.config", exit: Exit.invalid, message: `git cannot read its settings: ${where}`, fix };
}

function damagedObject(id: string): Failure {
  return damaged(`object ${id} of this repository is damaged or missing`);
}

/** git fetches nothing that it believes to have, so what is damaged has to come out of the way first. */
function damaged(message: string): Failure {
  const fix =
    "see what else is: git fsck --full; then move the damaged file out of .git/objects, and fetch from a repository that has it: git fetch --refetch REMOTE";
  return { code: "git.damaged", exit: Exit.invalid, message, fix };
}

function endedSilently(exitCode: number | undefined, signal: string | null | undefined): string {
  if (signal) return `it was ended by ${signal} and said nothing`;
  return exitCode === undefined ? "it said nothing" : `it ended with exit code ${exitCode} and said nothing`;
}

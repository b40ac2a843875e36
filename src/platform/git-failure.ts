import { Exit, type ExitCode } from "../errors.ts";
import { quoteAlways } from "./quote.ts";
import { findSystemError, type SystemErrorReport, systemCode } from "./system-error.ts";

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
  /(?:loose object|unable to (?:unpack|read)(?: tree| object)?|could not read|cannot read object|missing (?:blob|tree|commit)|bad object|bad tree object|packed object|unable to parse commit|could not parse commit|corrupt loose object|sha1 mismatch for|hash mismatch|can't load tree) '?([0-9a-f]{40,64})\b/i;
const DAMAGED_PACK =
  /(?:packfile|index file|pack) (\S*\.git\/\S+?\.(?:pack|idx))\b.*(?:corrupt|invalid|does not match|too small|bad|cannot)/i;
const BROKEN_CONFIG = /bad (?:numeric )?config (?:line (\d+) in|.*? in) (?:file )?(\S+)/;

const BROKEN_REF = /ignoring broken ref (\S+)|unable to resolve reference '([^']+)': reference broken/;
const NOT_OURS = /detected dubious ownership in repository at '(.+)'/;
const NO_REPOSITORY = /not a git repository/;
const DAMAGED_INDEX =
  /index file (?:corrupt|smaller than expected)|bad index file sha1 signature|index uses .+ extension, which we do not understand/;
const DAMAGED_HEAD = /bad (?:tree )?object HEAD\b/;
const IS_BARE = /this operation must be run in a work tree/;
/** Where git keeps the system's reason to itself. */
const UNWRITTEN = /(?:couldn't|unable to) write '?([^'\n]+?\.lock)'?$/m;
const TOO_NEW = /unknown repository extensions? found:\s*(\S+)|Expected git repo version <= \d+, found (\d+)/;

/** Whether git says that a ref names nothing: its file is empty, as a power cut leaves it, or holds something else. */
export function isBrokenRef(stderr: string): boolean {
  return BROKEN_REF.test(stderr);
}

/** What git's own words mean for a person; where it said nothing, how it ended. */
export function explainFailure(verb: string, { stderr, exitCode, signal }: GitEnding): Failure {
  const said = stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("hint:"));
  const text = said.join("\n");
  const system = findSystemError(text);
  if (system !== null) return refusedBySystem(verb, system);
  const [, line, file] = BROKEN_CONFIG.exec(text) ?? [];
  if (file !== undefined) return brokenConfig(file, line);
  const object = DAMAGED_OBJECT.exec(text)?.[1];
  if (object !== undefined) return damagedObject(object);
  const pack = DAMAGED_PACK.exec(text)?.[1];
  if (pack !== undefined) return damaged(`the pack ${pack} of this repository is damaged`);
  const [, ...refs] = BROKEN_REF.exec(text) ?? [];
  const ref = refs.find((name) => name !== undefined);
  if (ref !== undefined) return brokenRef(ref);
  const owned = NOT_OURS.exec(text)?.[1];
  if (owned !== undefined) return notOurs(owned);
  const whole = explainRepository(text);
  if (whole !== null) return whole;
  const unwritten = UNWRITTEN.exec(text)?.[1];
  if (unwritten !== undefined) return notWritten(verb, unwritten);
  const words = said.length === 0 ? endedSilently(exitCode, signal) : said.slice(-3).join(" / ").trim();
  return { code: "git.failed", exit: Exit.unexpected, message: `git ${verb} failed: ${words}` };
}

/** The same code as where a system call of our own is refused: what there is to do is the same. */
function refusedBySystem(verb: string, { code, message, fix }: SystemErrorReport): Failure {
  const told = `${message}: git ${verb} could not do its work`;
  return { code: systemCode(code), exit: Exit.unexpected, message: told, fix };
}

function notWritten(verb: string, file: string): Failure {
  const message = `git ${verb} could not write ${file}`;
  const fix =
    "look for room on that disk and in your quota (df -h; df -i; quota), then run the command again";
  return { code: "git.failed", exit: Exit.unexpected, message, fix };
}

/** What is wrong with the repository as a whole; null where git says nothing of that. */
function explainRepository(text: string): Failure | null {
  if (NO_REPOSITORY.test(text)) return noRepository();
  if (DAMAGED_INDEX.test(text)) return damagedIndex();
  if (DAMAGED_HEAD.test(text)) return damaged("HEAD names an object that is damaged or missing");
  if (IS_BARE.test(text)) return isBare();
  const [, extension, version] = TOO_NEW.exec(text) ?? [];
  return extension === undefined && version === undefined ? null : tooNew(extension ?? `format ${version}`);
}

function brokenConfig(file: string, line: string | undefined): Failure {
  const where = line === undefined ? file : `line ${line} of ${file}`;
  const fix = `correct it in an editor; git says more: git config --list --file ${quoteAlways(file)}`;
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

function brokenRef(ref: string): Failure {
  const fix = `the second word of the last line of .git/logs/${ref} is the commit that it named; remove the file .git/${ref}, then: git update-ref ${ref} COMMIT`;
  const message = `${ref} of this repository is damaged: it names no commit`;
  return { code: "git.damaged", exit: Exit.invalid, message, fix };
}

function notOurs(path: string): Failure {
  const message = "this repository belongs to somebody else, so git does not read it";
  const fix = `if you trust its owner: git config --global --add safe.directory ${quoteAlways(path)}`;
  return { code: "git.owner", exit: Exit.refused, message, fix };
}

function noRepository(): Failure {
  const message = "git finds no repository in what lies here as .git";
  const fix =
    "look at it: ls -la .git; one that is empty and that nobody needs is to be removed, or filled by: git init; a linked work tree is mended by: git worktree repair";
  return { code: "git.no-repository", exit: Exit.invalid, message, fix };
}

function damagedIndex(): Failure {
  const message = "git's index, what is staged for the next commit, is damaged";
  const fix = "move it away, and let git make it from HEAD: mv .git/index .git/index.damaged && git reset";
  return { code: "git.damaged", exit: Exit.invalid, message, fix };
}

function isBare(): Failure {
  const message = "git takes this repository for a bare one, without a work tree";
  return { code: "git.bare", exit: Exit.invalid, message, fix: "git config core.bare false" };
}

function tooNew(what: string): Failure {
  const message = `this repository uses what this git does not know: ${what}`;
  const fix = "use the git that made it, or a newer one; see: git config --file .git/config --list";
  return { code: "git.too-new", exit: Exit.invalid, message, fix };
}

function endedSilently(exitCode: number | undefined, signal: string | null | undefined): string {
  if (signal) return `it was ended by ${signal} and said nothing`;
  return exitCode === undefined ? "it said nothing" : `it ended with exit code ${exitCode} and said nothing`;
}

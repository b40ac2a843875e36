import { Exit, VibeopsError } from "../errors.ts";
import { lstatOrNull } from "../platform/files.ts";
import type { ProcessResult } from "../platform/process-result.ts";
import { makeVisible } from "../text/visible.ts";
import type { MailRemote } from "./mail-remote.ts";

/** The link or the server is not there now: nobody need do anything, the next sync tries again. */
const OFFLINE = [
  /Could not resolve host/i,
  /Temporary failure in name resolution/i,
  /Connection (?:refused|timed out|reset|closed)/i,
  /Operation timed out/i,
  /No route to host|Network is (?:unreachable|down)/i,
  /kex_exchange_identification|banner exchange/i,
  /Broken pipe|early EOF|hung up unexpectedly|unexpected disconnect|Timeout, server/i,
  /Failed to connect|Couldn't connect|Empty reply from server|transfer closed|Recv failure|SSL_ERROR_SYSCALL/i,
];

/** What a person has to put right, by the words of git, ssh or a server: who we are to each other. */
const ACCESS_FAULTS: readonly (readonly [RegExp, string])[] = [
  [
    /Host key verification failed|IDENTIFICATION HAS CHANGED/i,
    "look at the server's host key: ssh -T its address, once, by hand",
  ],
  [
    /Permission denied/i,
    "give this account's SSH key access to the repository, and load it into ssh-agent if it has a passphrase",
  ],
  [
    /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled/i,
    "set up git's credential helper for this server, or use ssh",
  ],
];

/** The same of what the server has or sends, unless the link was cut while it did. */
const CONTENT_FAULTS: readonly (readonly [RegExp, string])[] = [
  [
    /dubious ownership/i,
    "the folder belongs to somebody else: git config --global --add safe.directory its path",
  ],
  [
    /not appear to be a git repository|Repository not found|not found/i,
    "make the repository there: git init --bare; see docs/mesh.md",
  ],
  [
    /File size limit exceeded|SIGXFSZ|invalid index-pack output|Out of memory|CPU time limit|index-pack (?:died|failed)|fsck error/i,
    "what it sent is too large or damaged; ask the peer to look at its ref",
  ],
  [/transport '.*' not allowed/i, "write the address itself, not one that leads elsewhere"],
];

/** Said by the git here, and then that the other end hung up, since it did so itself. */
const MISMATCHES: readonly (readonly [RegExp, string])[] = [
  [
    /the receiving end does not support/i,
    "the git there is too old for a setting of yours, or for yours: update it, or take back what the message names",
  ],
];

/** Nothing came through. @returns `mesh.unreachable` where waiting helps, `mesh.server` where a person must look */
export function explainFailure(remote: MailRemote, result: ProcessResult): VibeopsError {
  if (result.timedOut) return unreachable(remote, "it did not answer in time");
  if (isAbsent(remote)) return unreachable(remote, "the folder is not there now");
  const said = wordsOf(result.stderr);
  const findIn = (faults: typeof ACCESS_FAULTS) =>
    faults.find(([pattern]) => pattern.test(result.stderr))?.[1];
  const isOffline = OFFLINE.some((pattern) => pattern.test(result.stderr));
  const access = findIn(ACCESS_FAULTS) ?? findIn(MISMATCHES);
  if (access === undefined && isOffline) return unreachable(remote, said);
  const fix = access ?? findIn(CONTENT_FAULTS);
  if (fix !== undefined) return serverFault(remote, said, fix);
  if (result.signal !== null || result.exitCode > 128 + 1) {
    return serverFault(
      remote,
      said || "git was ended by a limit",
      "what it sent is too large; ask the peer to look at its ref",
    );
  }
  return serverFault(
    remote,
    said || `git ended with ${result.exitCode}`,
    "try it by hand: git ls-remote ADDRESS",
  );
}

/** A stick that is not plugged in. */
function isAbsent({ protocol, url }: MailRemote): boolean {
  return protocol === "file" && lstatOrNull(url) === null;
}

function unreachable({ url }: MailRemote, why: string): VibeopsError {
  return new VibeopsError({
    code: "mesh.unreachable",
    exit: Exit.ok,
    message: `${url} cannot be reached now: ${why}`,
    fix: "nothing is lost: run vibeops sync again when it can be reached",
  });
}

function serverFault({ url }: MailRemote, said: string, fix: string): VibeopsError {
  return new VibeopsError({
    code: "mesh.server",
    exit: Exit.humanNeeded,
    message: `${url} could not be read or written: ${said}`,
    fix,
  });
}

/** Whether another clone of this project was quicker. */
export function isLostRace(answer: string): boolean {
  return /\((?:fetch first|non-fast-forward|stale info|already exists|reference already exists|cannot lock ref|failed to (?:update|lock) ref|failed to lock|incorrect old value)/.test(
    answer,
  );
}

/** Whether a repository names its objects in another way than what was to be pushed; an empty one does not say so before. */
export function isOtherFormat(stderr: string): boolean {
  return /does not support this repository's hash algorithm/.test(stderr);
}

/** The server took what we sent and will not have it. */
export function explainDenial(
  { url }: MailRemote,
  ref: string,
  answer: string,
  stderr: string,
): VibeopsError {
  const said = stderr
    .split("\n")
    .filter((line) => line.startsWith("remote:"))
    .map((line) => line.slice("remote:".length).trim())
    .join(" ");
  return new VibeopsError({
    code: "mesh.denied",
    exit: Exit.humanNeeded,
    message: `${url} refuses what we write to ${ref}: ${short(answer)}${said === "" ? "" : `; it says: ${short(said)}`}`,
    fix: "whoever looks after the server must let this account push to that ref; see docs/mesh.md",
  });
}

const NOISE =
  /^\s*$|^remote: *$|Could not read from remote repository|correct access rights|and the repository exists|^To |^hint:|^Warning: Permanently added/i;

/** The words that say most: not what git always adds. */
function wordsOf(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => !NOISE.test(line));
  return short(lines.slice(0, 3).join(" / "));
}

function short(text: string): string {
  const shown = makeVisible(text.replaceAll(/\s+/g, " ").trim(), { newlines: false });
  return shown.length > 300 ? `${shown.slice(0, 300)}…` : shown;
}

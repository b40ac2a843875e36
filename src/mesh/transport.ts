import { Exit, VibeopsError } from "../errors.ts";
import { runProcessGroup } from "../platform/attended-process.ts";
import type { Context } from "../platform/context.ts";
import { git, tryGit } from "../platform/git.ts";
import { SAFE_ARGUMENTS } from "../platform/git-settings.ts";
import type { ProcessResult } from "../platform/process-result.ts";
import { findProgram } from "../platform/program.ts";
import { formatOf } from "./blob-id.ts";
import type { MailRemote } from "./mail-remote.ts";
import type { Scratch } from "./scratch.ts";
import { explainDenial, explainFailure, isLostRace, isOtherFormat } from "./transport-failure.ts";

/** How a sync talks with servers. */
export interface Transport {
  readonly env: Context["env"];
  /** Ends what hangs: somebody pressed Ctrl-C. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for one conversation with a server. */
  readonly timeoutMs: number;
}

/** One conversation with a server may take this long. */
export const TIMEOUT_MS = 120_000;

/** Bytes that git may print: refs and what went wrong. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/**
 * A hostile server can send a pack of any size, or a small one that unpacks to any size. So git and what it starts
 * may use a minute of processor time, files of 64 MiB and, where the system can bound it, 1 GiB of memory each.
 */
const LIMITED =
  '{ ulimit -c 0; ulimit -t 60; ulimit -f 131072; ulimit -v 1048576; } 2>/dev/null; exec "$0" "$@"';

const SETTINGS = [
  "core.bigFileThreshold=1m",
  "fetch.fsckObjects=true",
  "fetch.unpackLimit=1",
  "fetch.writeCommitGraph=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "pack.threads=1",
  // Empty: a server that knows none refuses all that a person's settings add to each push.
  "push.pushOption=",
  "submodule.recurse=false",
  "transfer.advertiseSID=false",
  "http.lowSpeedLimit=1",
  "http.lowSpeedTime=30",
].flatMap((setting) => ["-c", setting]);

/**
 * In a folder, git's other end is a program of ours that reads the folder's own configuration: nothing in there may
 * start anything, or fetch what is missing from elsewhere.
 */
const OTHER_END = [
  ...["core.hooksPath=/dev/null", "core.fsmonitor=false", "core.alternateRefsCommand=true"],
  ...["receive.autogc=false", "gc.auto=0", "maintenance.auto=false"],
].map((setting) => `-c ${setting}`);

const QUIET_SSH = [
  "-o BatchMode=yes",
  "-o ConnectTimeout=20",
  "-o ServerAliveInterval=10",
  "-o ServerAliveCountMax=3",
  "-o ForwardAgent=no",
  "-o ForwardX11=no",
  "-o ClearAllForwardings=yes",
  "-o PermitLocalCommand=no",
].join(" ");

/** The heads that a remote has of these refs. @throws VibeopsError `mesh.unreachable`, `mesh.server` */
export async function listHeads(
  transport: Transport,
  scratch: Scratch,
  remote: MailRemote,
  refs: readonly string[],
): Promise<Map<string, string>> {
  const args = ["ls-remote", "--quiet", ...otherEnd(remote, "upload-pack"), "--", remote.url, ...refs];
  const result = await talk(transport, scratch, remote, args);
  if (result.exitCode !== 0) throw explainFailure(remote, result);
  const heads = new Map<string, string>();
  for (const line of result.stdout.split("\n")) {
    const [, id, ref] = /^([0-9a-f]{40}|[0-9a-f]{64})\t(\S+)$/.exec(line) ?? [];
    if (id !== undefined && ref !== undefined && refs.includes(ref)) heads.set(ref, id);
  }
  return heads;
}

/** Brings one ref's newest commit with its tree, and no history: what is pending. Returns its id. */
export async function fetchHead(
  transport: Transport,
  scratch: Scratch,
  remote: MailRemote,
  ref: string,
): Promise<string> {
  const here = `refs/fetched/${ref}`;
  const options = ["--no-tags", "--depth=1", "--no-write-fetch-head", "--no-auto-maintenance", "--refmap="];
  const more = ["--no-recurse-submodules", "--quiet", ...otherEnd(remote, "upload-pack")];
  const args = ["fetch", ...options, ...more, "--", remote.url, `+${ref}:${here}`];
  const result = await talk(transport, scratch, remote, args);
  if (result.exitCode !== 0) throw explainFailure(remote, result);
  const id = await git(scratch.git, ["rev-parse", "--verify", `${here}^{commit}`], { allowFailure: true });
  if (id.trim() !== "") return id.trim();
  throw explainFailure(remote, { ...result, stderr: "what lies there is no commit" });
}

/** Pushes a commit onto our ref, never over another. @throws VibeopsError `mesh.unreachable`, `mesh.denied`, `mesh.server` */
export async function pushHead(
  transport: Transport,
  scratch: Scratch,
  remote: MailRemote,
  { commit, ref }: { commit: string; ref: string },
): Promise<"pushed" | "lost race" | "other format"> {
  const options = [
    "--porcelain",
    "--no-verify",
    "--no-signed",
    "--no-follow-tags",
    "--recurse-submodules=no",
  ];
  const more = [...otherEnd(remote, "receive-pack"), "--", remote.url, `${commit}:${ref}`];
  const result = await talk(transport, scratch, remote, ["push", ...options, ...more]);
  if (result.exitCode === 0) return "pushed";
  const answer = /^!\t\S+\t(.*)$/m.exec(result.stdout)?.[1];
  if (answer === undefined && formatOf(commit) === "sha1" && isOtherFormat(result.stderr))
    return "other format";
  if (answer === undefined) throw explainFailure(remote, result);
  if (isLostRace(answer)) return "lost race";
  throw explainDenial(remote, ref, answer, result.stderr);
}

function otherEnd({ protocol }: MailRemote, service: "upload-pack" | "receive-pack"): string[] {
  if (protocol !== "file") return [];
  const environment = "GIT_ALLOW_PROTOCOL= GIT_NO_LAZY_FETCH=1 GIT_NO_REPLACE_OBJECTS=1";
  return [`--${service}=${environment} git ${OTHER_END.join(" ")} ${service}`];
}

async function talk(
  { env, signal, timeoutMs }: Transport,
  scratch: Scratch,
  { protocol }: MailRemote,
  args: readonly string[],
): Promise<ProcessResult> {
  const program = findProgram("git", env.PATH);
  const options = { cwd: scratch.git.top, timeoutMs, signal, maxBuffer: MAX_OUTPUT };
  const ssh = protocol === "ssh" ? await sshCommand(env, scratch) : "false";
  const result = await runProcessGroup(
    "sh",
    ["-c", LIMITED, program, ...SAFE_ARGUMENTS, ...SETTINGS, ...args],
    {
      ...options,
      env: {
        ...scratch.git.env,
        GIT_ALLOW_PROTOCOL: protocol,
        // Empty: neither git nor a helper of it asks anybody, on a screen or elsewhere.
        GIT_ASKPASS: "",
        SSH_ASKPASS_REQUIRE: "never",
        GCM_INTERACTIVE: "never",
        GIT_SSH_COMMAND: ssh,
      },
    },
  );
  if (signal?.aborted !== true) return result;
  throw new VibeopsError({
    code: "mesh.interrupted",
    exit: Exit.interrupted,
    message: "the sync was interrupted",
  });
}

/** The person's own ssh command where they have one, with what keeps it from asking anybody. */
async function sshCommand(env: Context["env"], scratch: Scratch): Promise<string> {
  const configured = await tryGit(scratch.git, ["config", "--get", "core.sshCommand"]);
  const own = env.GIT_SSH_COMMAND ?? configured.stdout.trim();
  return `${own === "" ? `'${env.GIT_SSH ?? findProgram("ssh", env.PATH)}'` : own} ${QUIET_SSH}`;
}

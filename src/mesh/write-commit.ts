import { Exit, VibeopsError } from "../errors.ts";
import { runProcessGroup } from "../platform/attended-process.ts";
import { git, gitFailed, tryGit } from "../platform/git.ts";
import { SAFE_ARGUMENTS } from "../platform/git-settings.ts";
import { findProgram } from "../platform/program.ts";
import { MINUTE_MS } from "../platform/units-of-time.ts";
import { formatAcknowledgements } from "./acknowledgement.ts";
import { formatMailMessage } from "./mail-commit.ts";
import type { MailKey } from "./mail-key.ts";
import type { OwnTree } from "./mail-tree.ts";
import type { Scratch } from "./scratch.ts";

/** What is to be pushed next. */
export interface NextCommit {
  readonly from: string;
  readonly sequence: number;
  /** The head of our ref that it builds on; null for the first. */
  readonly parent: string | null;
  readonly tree: OwnTree;
  /** Bytes of files that the remote does not have yet, by path. */
  readonly fresh: ReadonlyMap<string, Uint8Array>;
  readonly now: Date;
}

const REF = "refs/heads/tree";

/** Writes the tree, and a commit on it that is signed with the mail key. Returns its id. */
export async function writeMailCommit(scratch: Scratch, key: MailKey, next: NextCommit): Promise<string> {
  const tree = await writeTree(scratch, next);
  const args = ["commit-tree", "-S", ...(next.parent === null ? [] : ["-p", next.parent]), tree];
  const keygen = findProgram("ssh-keygen", scratch.git.env.PATH);
  const settings = ["gpg.format=ssh", `gpg.ssh.program=${keygen}`, `user.signingKey=${key.file}`];
  const all = [...settings, "i18n.commitEncoding=UTF-8"].flatMap((setting) => ["-c", setting]);
  // Without a terminal of its own: a key that wants a passphrase fails instead of waiting for one.
  const result = await runProcessGroup("git", [...SAFE_ARGUMENTS, ...all, ...args], {
    cwd: scratch.git.top,
    env: signingEnvironment(scratch, next),
    input: formatMailMessage(next.from, next.sequence),
    timeoutMs: MINUTE_MS,
    maxBuffer: 1024 * 1024,
  });
  if (result.exitCode === 0) return result.stdout.trim();
  throw new VibeopsError({
    code: "mesh.key",
    exit: Exit.humanNeeded,
    message: `the mail key signed nothing: ${result.stderr.trim().split("\n").slice(-2).join(" / ")}`,
    file: key.file,
    fix: "the mail key has no passphrase, so that agents can send; move it away and the next sync makes another one",
  });
}

function signingEnvironment({ git: target }: Scratch, { from, now }: NextCommit) {
  const date = `${Math.floor(now.getTime() / 1000)} +0000`;
  const [name, email] = [from, `${from}@vibeops.invalid`];
  const clean: Record<string, string | undefined> = {
    ...target.env,
    ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date },
    ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: date },
    SSH_ASKPASS_REQUIRE: "never",
  };
  for (const helper of ["SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY"]) delete clean[helper];
  return clean;
}

/** One `git fast-import` for blobs and trees; its own commit is thrown away, since it cannot sign. */
async function writeTree(scratch: Scratch, { tree, fresh }: NextCommit): Promise<string> {
  const acks = [...tree.acknowledged].filter(([, list]) => list.length > 0);
  const stream = [
    `feature done\ncommit ${REF}\ncommitter vibeops <> 0 +0000\ndata 0\ndeleteall\n`,
    ...[...tree.files].flatMap(([path, blob]) => fileChange(path, fresh.get(path) ?? blob)),
    ...acks.flatMap(([sender, list]) =>
      fileChange(`ack/${sender}`, Buffer.from(formatAcknowledgements(list))),
    ),
    "\ndone\n",
  ];
  const input = Buffer.concat(stream.map((part) => Buffer.from(part)));
  const result = await tryGit(scratch.git, ["fast-import", "--quiet", "--force"], input);
  if (result.exitCode !== 0) throw gitFailed(scratch.git, ["fast-import"], result.stderr);
  return (await git(scratch.git, ["rev-parse", "--verify", `${REF}^{tree}`])).trim();
}

/** Our paths are ASCII without spaces or quotes. */
function fileChange(path: string, content: string | Uint8Array): (string | Uint8Array)[] {
  if (typeof content === "string") return [`M 100644 ${content} ${path}\n`];
  return [`M 100644 inline ${path}\ndata ${content.length}\n`, content, "\n"];
}

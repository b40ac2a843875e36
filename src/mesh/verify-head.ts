import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { gitFailed, tryGit } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { randomSuffix } from "../platform/random-suffix.ts";
import { verifySignature } from "../runbook/sign.ts";
import { fingerprint, readPublicKey } from "../runbook/ssh-key.ts";
import { type MailCommit, maxCommitBytes, parseMailCommit } from "./mail-commit.ts";
import type { Scratch } from "./scratch.ts";

/** The namespace in which git signs commits. */
const NAMESPACE = "git";

/** Reads a commit that was fetched. @throws VibeopsError `mesh.format` */
export async function readMailCommit(scratch: Scratch, id: string): Promise<MailCommit> {
  const checked = await tryGit(scratch.git, ["cat-file", "--batch-check"], `${id}\n`);
  const size = /^[0-9a-f]+ commit (\d+)\n$/.exec(checked.stdout)?.[1];
  if (size === undefined) throw gitFailed(scratch.git, ["cat-file"], checked.stdout);
  if (Number(size) > maxCommitBytes) return parseMailCommit(id, Buffer.alloc(0));
  const [object] = await readObjects(scratch.git, [id]);
  return parseMailCommit(id, object?.bytes ?? Buffer.alloc(0));
}

/**
 * Makes sure that a commit is this sender's mail and that one of these keys signed it.
 *
 * @param signers public keys as vibeops.yaml lists them
 * @throws VibeopsError `mesh.unsigned`, `mesh.signer`, `mesh.forged`, `mesh.name`
 */
export async function verifyHead(
  commit: MailCommit,
  {
    sender,
    signers,
    scratch,
    env,
  }: { sender: string; signers: readonly string[]; scratch: Scratch; env: Context["env"] },
): Promise<void> {
  const { signature, signer } = commit;
  if (signature === null || signer === null) {
    throw refusal(
      "mesh.unsigned",
      `the mail on ${sender}'s ref is not signed`,
      "ask the peer who wrote to its ref",
    );
  }
  const listed = signers.find((line) => sameKey(line, signer));
  if (listed === undefined) {
    throw refusal(
      "mesh.signer",
      `the mail on ${sender}'s ref is signed by ${describeKey(signer)}, which is not listed under its signers`,
      `if ${sender}'s owner confirms the fingerprint, list it under peers.${sender}.signers: "${signer}"`,
    );
  }
  const allowedSigners = join(scratch.directory, `signers-${randomSuffix()}`);
  writeFileSync(allowedSigners, `peer namespaces="${NAMESPACE}" ${signer}\n`, { mode: 0o600 });
  const check = { bytes: commit.payload, signature, namespace: NAMESPACE, principal: "peer", allowedSigners };
  const holds = await verifySignature({ ...check, revoked: join(scratch.directory, "revoked") }, env);
  if (!holds) {
    throw refusal(
      "mesh.forged",
      `the signature on ${sender}'s ref does not fit what it stands on`,
      "ask the peer",
    );
  }
  if (commit.from === sender) return;
  const fix = `list a peer under its project's own name; two projects may not share a key and a ref`;
  throw refusal("mesh.name", `the mail on ${sender}'s ref says that it is ${commit.from}'s`, fix);
}

/** Whether a line as in a `.pub` file, with or without a comment, holds this key. */
function sameKey(line: string, key: string): boolean {
  return line.split(" ", 2).join(" ") === key;
}

/** `ssh-ed25519 SHA256:…` */
export function describeKey(line: string): string {
  const [keyType = "", blob = ""] = line.split(" ");
  const key = readPublicKey(keyType, blob);
  return key === null ? "a key that we do not know" : `${keyType} ${fingerprint(blob)}`;
}

function refusal(code: string, message: string, fix: string): VibeopsError {
  return new VibeopsError({ code, exit: Exit.refused, message, fix });
}

import { Exit, VibeopsError } from "../errors.ts";
import { readSignatureHeader } from "../runbook/ssh-key.ts";

/** Where a project's mail lies in every repository that carries it. */
export function mailRef(project: string): string {
  return `refs/heads/vibeops/mail/${project}`;
}

/** Bytes of a commit object that are looked at. */
export const maxCommitBytes = 64 * 1024;

/** A commit of a mail ref as it says of itself; nothing of it is verified yet. */
export interface MailCommit {
  readonly id: string;
  /** Whose mail it says that it is. */
  readonly from: string;
  /** One more with each commit, on all of a sender's machines: what tells an old head from a new one. */
  readonly sequence: number;
  /** An armored SSH signature; null where there is none. */
  readonly signature: string | null;
  /** The signer's public key as a `.pub` file has it; null where there is no signature. */
  readonly signer: string | null;
  /** What was signed. */
  readonly payload: Buffer;
}

export function formatMailMessage(from: string, sequence: number): string {
  return `Mail of ${from}\n\nsequence: ${sequence}\n`;
}

const HEADERS = /^(tree [0-9a-f]+\n(?:parent [0-9a-f]+\n)?author [^\n]*\ncommitter [^\n]*\n)/;
/** In a repository whose objects have SHA-256 names, git calls it by another name. */
const SIGNATURE = /^gpgsig(?:-sha256)? ([^\n]*\n(?: [^\n]*\n)*)/;
const MESSAGE = /^\nMail of ([a-z0-9_-]{1,64})\n\nsequence: ([1-9]\d{0,14})\n$/;

/**
 * Reads a commit object the strict way: the headers that we write and no others, so that what git signs and what we
 * verify cannot be two things.
 *
 * @throws VibeopsError `mesh.format`
 */
export function parseMailCommit(id: string, bytes: Buffer): MailCommit {
  const text = bytes.toString("latin1");
  const headers = HEADERS.exec(text)?.[1] ?? "";
  const [signed = "", armor = ""] = SIGNATURE.exec(text.slice(headers.length)) ?? [];
  const message = text.slice(headers.length + signed.length);
  const [, from, sequence] = MESSAGE.exec(message) ?? [];
  if (headers === "" || from === undefined || sequence === undefined) throw noMail(id);
  const signature = armor === "" ? null : armor.replaceAll("\n ", "\n");
  return {
    id,
    from,
    sequence: Number(sequence),
    signature,
    signer: signature === null ? null : signerOf(signature),
    payload: Buffer.from(headers + message, "latin1"),
  };
}

function signerOf(signature: string): string | null {
  const header = readSignatureHeader(signature);
  return header === null ? null : `${header.keyType} ${header.publicKey.toString("base64")}`;
}

function noMail(id: string): VibeopsError {
  return new VibeopsError({
    code: "mesh.format",
    exit: Exit.refused,
    message: `commit ${id.slice(0, 12)} is not one that vibeops sync writes`,
    fix: "ask the peer who wrote to its ref",
  });
}

import { createHash } from "node:crypto";

/**
 * Whether git stores these bytes under that name, as they are or with the line ends that a checkout may have changed.
 * Nobody asks git: the filters that a repository names can make it say anything, and run anything.
 */
export function isBlobOf(bytes: Buffer, id: string): boolean {
  if (blobId(bytes, id.length) === id) return true;
  const text = bytes.toString("latin1");
  return (
    text.includes("\r\n") && blobId(Buffer.from(text.replaceAll("\r\n", "\n"), "latin1"), id.length) === id
  );
}

/** git's name for these bytes, in a repository whose names have this many hexadecimal digits. */
function blobId(bytes: Buffer, digits: number): string {
  const hash = createHash(digits === 64 ? "sha256" : "sha1");
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

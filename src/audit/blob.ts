import { createHash, hash } from "node:crypto";

/**
 * Whether git stores these bytes under that name, as they are or with the line ends that a checkout may have changed.
 * Nobody asks git: the filters that a repository names can make it say anything, and run anything.
 */
export function isBlobOf(bytes: Buffer, id: string): boolean {
  if (blobId(bytes, id.length) === id) return true;
  if (!bytes.includes("\r\n")) return false;
  const text = bytes.toString("latin1").replaceAll("\r\n", "\n");
  return blobId(Buffer.from(text, "latin1"), id.length) === id;
}

const SMALL = 65_536;
const scratch = Buffer.alloc(SMALL + 64);

/** git's name for these bytes, in a repository whose names have this many hexadecimal digits. */
export function blobId(bytes: Buffer, digits: number): string {
  const algorithm = digits === 64 ? "sha256" : "sha1";
  const header = `blob ${bytes.length}\0`;
  if (bytes.length > SMALL) return createHash(algorithm).update(header).update(bytes).digest("hex");
  // In one piece it costs a third, and there are many.
  const start = scratch.write(header, "latin1");
  bytes.copy(scratch, start);
  return hash(algorithm, scratch.subarray(0, start + bytes.length));
}

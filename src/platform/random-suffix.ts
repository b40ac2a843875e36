import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isSystemError } from "../errors.ts";

/** Sixteen hexadecimal digits for names that nobody sees twice, as of temporaries and locks. */
export function randomSuffix(): string {
  return Buffer.from(randomBytes(8)).toString("hex");
}

/**
 * From the operating system, by its own file: Web Crypto and `node:crypto` take some milliseconds to load, a tenth of
 * what Node.js itself takes to start. Where there is no such file, by Web Crypto.
 */
export function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  return readRandom(bytes) ? bytes : globalThis.crypto.getRandomValues(bytes);
}

/** Whether all of it was filled. */
function readRandom(bytes: Uint8Array): boolean {
  try {
    const file = openSync("/dev/urandom", "r");
    try {
      return fstatSync(file).isCharacterDevice() && readSync(file, bytes) === bytes.length;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isSystemError(error, "ENOENT", "EACCES", "EPERM", "ENXIO", "ENODEV", "EIO", "EMFILE", "ENFILE"))
      return false;
    throw error;
  }
}

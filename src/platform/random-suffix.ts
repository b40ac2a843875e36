/** Sixteen hexadecimal digits for names that nobody sees twice, as of temporaries and locks. */
export function randomSuffix(): string {
  return Buffer.from(randomBytes(8)).toString("hex");
}

/** From the operating system, through Web Crypto: `node:crypto` takes milliseconds to load. */
export function randomBytes(count: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(count));
}

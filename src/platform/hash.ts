/** SHA-256 as 64 lower-case hexadecimal digits; text is hashed as UTF-8. */
export function sha256(bytes: Uint8Array | string): string {
  // Loaded when something is hashed: many a command that could does not.
  return process.getBuiltinModule("node:crypto").hash("sha256", bytes);
}

import { randomBytes } from "node:crypto";

/** Sixteen hexadecimal digits for names that nobody sees twice, as of temporaries and locks. */
export function randomSuffix(): string {
  return randomBytes(8).toString("hex");
}

import { Exit, VibeopsError } from "../errors.ts";
import { makeVisible } from "../text/visible.ts";

/** `developer@shop`, or `shop` alone for its first agent. */
export interface Address {
  role?: string;
  project: string;
}

const ADDRESS = /^([a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?)(?:@([a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?))?$/;

/**
 * Reads `role@project` or `project`.
 *
 * @throws VibeopsError `memo.route` when it is neither, or looks like a path
 */
export function parseAddress(
  text: string,
  place: { file?: string | undefined; line?: number | undefined } = {},
): Address {
  const address = tryParseAddress(text);
  if (address !== null) return address;
  throw new VibeopsError({
    code: "memo.route",
    exit: Exit.invalid,
    message: `${makeVisible(JSON.stringify(text.slice(0, 80)), { newlines: false })} is no address`,
    ...place,
    fix: "write role@project or project: lower-case letters, digits, dots, dashes and underscores",
  });
}

/** As {@link parseAddress}, and null for what is none. */
export function tryParseAddress(text: string): Address | null {
  const [, first, second] = ADDRESS.exec(text) ?? [];
  if (first === undefined || text.includes("..")) return null;
  return second === undefined ? { project: first } : { role: first, project: second };
}

export function formatAddress(address: Address): string {
  return address.role === undefined ? address.project : `${address.role}@${address.project}`;
}

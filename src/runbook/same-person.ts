import type { Signer } from "./allowed-signers.ts";

type Listed = Pick<Signer, "principal" | "fingerprint">;

/**
 * The names, in small letters, under which allowed_signers knows whoever has this one: a key that is listed under two
 * names is one person's, and so are the other keys under either name. An address is the same one in whatever case.
 */
export function namesOfPerson(principal: string, signers: readonly Listed[]): ReadonlySet<string> {
  const names = new Set([principal.toLowerCase()]);
  const keys = new Set<string>();
  for (let known = 0; known < names.size + keys.size; ) {
    known = names.size + keys.size;
    for (const signer of signers) {
      const name = signer.principal.toLowerCase();
      if (!names.has(name) && !keys.has(signer.fingerprint)) continue;
      names.add(name);
      keys.add(signer.fingerprint);
    }
  }
  return names;
}

import { type PublicKey, readPublicKey } from "./ssh-key.ts";
import { trustRefusal } from "./trust-refusal.ts";

/** A key whose signatures do not count any more, whenever they were made. */
export interface Revocation extends PublicKey {
  /** Whose key, when and why, as it was written; empty where somebody else wrote the line. */
  readonly comment: string;
}

/**
 * Reads revoked_keys: a public key a line, as `ssh-keygen -Y verify -r` takes it. The strict way: a line that cannot
 * be read would be a key that was meant to be revoked.
 *
 * @throws VibeopsError `trust.revoked-keys`
 */
export function parseRevoked(text: string, file: string): Revocation[] {
  refuseRevocationList(Buffer.from(text), file);
  return text.split("\n").flatMap((line, i) => {
    // ssh-keygen takes a carriage return alone, or a no-break space, for a key that it cannot read.
    const [keyType = "", blob = "", ...comment] = line.split(/[ \t]+/).filter((word) => word !== "");
    if (keyType === "" || keyType.startsWith("#")) return [];
    const key = readPublicKey(keyType, blob.replace(/\r$/, ""));
    if (key === null) {
      const message = "this line is no public key, so ssh-keygen would refuse everybody";
      const fix =
        keyType === "\r"
          ? "take out the carriage return that stands alone in this line"
          : "write: ssh-ed25519 AAAA… and what you like behind it";
      throw trustRefusal("revoked-keys", file, message, fix, i + 1);
    }
    return [{ ...key, comment: comment.join(" ").trim() }];
  });
}

/** @throws VibeopsError `trust.revoked-keys` for the bytes of a list as `ssh-keygen -k` makes it */
export function refuseRevocationList(bytes: Uint8Array, file: string): void {
  if (Buffer.from(bytes).toString("latin1", 0, 6) !== "SSHKRL") return;
  throw trustRefusal(
    "revoked-keys",
    file,
    "this is a key revocation list, and only lines of keys are read here",
    "keep it elsewhere, and list each key: vibeops trust revoke FINGERPRINT",
  );
}

/** The file with these keys as well; lines that are there keep their bytes. `comment` is one line. */
export function withRevoked(text: string, file: string, keys: readonly PublicKey[], comment: string): string {
  const there = parseRevoked(text, file);
  const lines = keys
    .filter((key) => !there.some((one) => one.fingerprint === key.fingerprint))
    .map((key) => `${key.keyType} ${key.blob} ${comment}\n`);
  const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${start}${lines.join("")}`;
}

import { isSecurityKey, type PublicKey, readField, readFields, readPublicKey } from "./ssh-key.ts";

/**
 * What stands between a private key's file and a signature: `passphrase`, the `touch` of a security key, or nothing
 * (`open`); `no-touch` is a security key that was told to sign by itself.
 */
type Protection = "passphrase" | "touch" | "no-touch" | "open";

export interface PrivateKeyFile {
  readonly protection: Protection;
  /** Null in the older PEM formats, which do not carry it in the open. */
  readonly publicKey: PublicKey | null;
}

const OPENSSH = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/;
const PEM = /-----BEGIN (?:(?:RSA|EC) |(ENCRYPTED) )?PRIVATE KEY-----\s*(Proc-Type: 4,ENCRYPTED\b)?/;
const MAGIC = "openssh-key-v1\0";

/**
 * Reads how a private key is protected, from the file itself: what ssh-keygen says about a file that it cannot open
 * does not tell a passphrase from wrong permissions. Null where it is no private key.
 */
export function readPrivateKey(text: string): PrivateKeyFile | null {
  const openssh = OPENSSH.exec(text)?.[1];
  if (openssh !== undefined) return readOpensshKey(Buffer.from(openssh, "base64"));
  const pem = PEM.exec(text);
  if (pem === null) return null;
  const encrypted = pem[1] !== undefined || pem[2] !== undefined;
  return { protection: encrypted ? "passphrase" : "open", publicKey: null };
}

/** PROTOCOL.key: cipher, key derivation and its options, number of keys, public key, private part. */
function readOpensshKey(bytes: Buffer): PrivateKeyFile | null {
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) return null;
  const [cipher, derivation, options] = readFields(bytes, MAGIC.length, 3);
  if (cipher === undefined || derivation === undefined || options === undefined) return null;
  const at = MAGIC.length + 12 + cipher.length + derivation.length + options.length;
  const [outer, secret] = readFields(bytes, at + 4, 2);
  if (outer === undefined || secret === undefined || bytes.readUInt32BE(at) !== 1) return null;
  const keyType = readField(outer, 0)?.toString("latin1") ?? "";
  const publicKey = readPublicKey(keyType, outer.toString("base64"));
  if (cipher.toString("latin1") !== "none") return { protection: "passphrase", publicKey };
  if (!isSecurityKey(keyType)) return { protection: "open", publicKey };
  return { protection: handleWantsTouch(keyType, secret) ? "touch" : "no-touch", publicKey };
}

/** In a handle that is not encrypted, a byte of flags stands behind the public key and the application. */
function handleWantsTouch(keyType: string, secret: Buffer): boolean {
  // Two check numbers, then type, curve (of an ECDSA key), point and application.
  const fields = readFields(secret, 8, keyType.startsWith("sk-ecdsa-") ? 4 : 3);
  const flags = secret[fields.reduce((at, field) => at + 4 + field.length, 8)];
  return flags !== undefined && (flags & 1) === 1;
}

import { hash } from "node:crypto";

/** The SHA-256 fingerprint of a public key's base64 blob, as OpenSSH writes it. */
export function fingerprint(blob: string | Uint8Array): string {
  const bytes = typeof blob === "string" ? Buffer.from(blob, "base64") : blob;
  return `SHA256:${hash("sha256", bytes, "base64").replace(/=+$/, "")}`;
}

/**
 * The kinds of key that may sign, and of how many fields each is made. No DSA, and no certificates: those let in whomever
 * their authority certifies.
 */
const KEY_TYPES: ReadonlyMap<string, number> = new Map([
  ["ssh-ed25519", 2],
  ["ssh-rsa", 3],
  ["ecdsa-sha2-nistp256", 3],
  ["ecdsa-sha2-nistp384", 3],
  ["ecdsa-sha2-nistp521", 3],
  ["sk-ssh-ed25519@openssh.com", 3],
  ["sk-ecdsa-sha2-nistp256@openssh.com", 4],
]);

export interface PublicKey {
  readonly keyType: string;
  /** Base64, as in a `.pub` file. */
  readonly blob: string;
  readonly fingerprint: string;
}

/** Reads the two words of a public key; null where they are none, do not agree with each other, or are cut off. */
export function readPublicKey(keyType: string, blob: string): PublicKey | null {
  const count = KEY_TYPES.get(keyType);
  if (count === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(blob)) return null;
  const bytes = Buffer.from(blob, "base64");
  if (bytes.toString("base64") !== blob) return null;
  const fields = readFields(bytes, 0, count);
  const length = fields.reduce((sum, field) => sum + 4 + field.length, 0);
  if (fields[0]?.toString("latin1") !== keyType || fields.length < count || length < bytes.length)
    return null;
  return { keyType, blob, fingerprint: fingerprint(bytes) };
}

/** Shorter RSA keys can be factored by others than states, so what they sign proves nobody (NIST SP 800-57). */
const LEAST_RSA_BITS = 2048;

/** Why a key is too weak to stand for a person, as "an RSA key of 1024 bits"; null where it is not. */
export function whyTooShort({ keyType, blob }: Pick<PublicKey, "keyType" | "blob">): string | null {
  if (keyType !== "ssh-rsa") return null;
  const modulus = readFields(Buffer.from(blob, "base64"), 0, 3)[2] ?? Buffer.alloc(0);
  const digits = modulus.toString("hex").replace(/^0+/, "");
  const bits = digits === "" ? 0 : digits.length * 4 - Math.clz32(Number.parseInt(digits.charAt(0), 16)) + 28;
  return bits >= LEAST_RSA_BITS ? null : `an RSA key of ${bits} bits`;
}

/** What to have in its place. */
export const STRONGER_KEY = "take an ed25519 or security key, or RSA of 2048 bits and more";

/** Whether a kind of key lives in a security key, which asks for a touch. */
export function isSecurityKey(keyType: string): boolean {
  return keyType.startsWith("sk-");
}

/** What an armored SSH signature says about itself (PROTOCOL.sshsig); not yet verified. */
export interface SignatureHeader {
  readonly publicKey: Buffer;
  readonly keyType: string;
  readonly namespace: string;
  /**
   * Whether a security key says that somebody touched it (PROTOCOL.u2f, SSH_SK_USER_PRESENCE_REQD); it signs this
   * flag too. Null: not by a security key.
   */
  readonly touched: boolean | null;
}

/** Reads the header of an armored signature; null where it is none. */
export function readSignatureHeader(armored: string): SignatureHeader | null {
  const [, body] =
    /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)-----END SSH SIGNATURE-----\s*$/.exec(armored) ?? [];
  if (body === undefined) return null;
  const bytes = Buffer.from(body, "base64");
  if (bytes.toString("latin1", 0, 6) !== "SSHSIG" || bytes.length < 10 || bytes.readUInt32BE(6) !== 1)
    return null;
  // After the version: public key, namespace, reserved, hash algorithm, signature.
  const [publicKey, namespace, , , signature] = readFields(bytes, 10, 5);
  const keyType = publicKey === undefined ? null : readField(publicKey, 0);
  if (publicKey === undefined || namespace === undefined || keyType === null) return null;
  const type = keyType.toString("latin1");
  return {
    publicKey,
    keyType: type,
    namespace: namespace.toString("utf8"),
    touched: isSecurityKey(type) ? readTouch(signature) : null,
  };
}

/** A security key's signature: type, signature, then a byte of flags and a counter. */
function readTouch(signature: Buffer | undefined): boolean {
  if (signature === undefined) return false;
  const fields = readFields(signature, 0, 2);
  if (fields.length < 2) return false;
  const flags = signature[fields.reduce((at, field) => at + 4 + field.length, 0)];
  return flags !== undefined && (flags & 1) === 1;
}

/** As many fields as there are, up to `count`. */
export function readFields(bytes: Buffer, at: number, count: number): Buffer[] {
  const fields: Buffer[] = [];
  for (let offset = at; fields.length < count; ) {
    const field = readField(bytes, offset);
    if (field === null) break;
    fields.push(field);
    offset += 4 + field.length;
  }
  return fields;
}

/** A length of four bytes, and as many bytes. */
export function readField(bytes: Buffer, at: number): Buffer | null {
  if (at + 4 > bytes.length) return null;
  const length = bytes.readUInt32BE(at);
  return at + 4 + length > bytes.length ? null : bytes.subarray(at + 4, at + 4 + length);
}

import { createHash } from "node:crypto";

/** The SHA-256 fingerprint of a public key's base64 blob, as OpenSSH writes it. */
export function fingerprint(blob: string | Uint8Array): string {
  const bytes = typeof blob === "string" ? Buffer.from(blob, "base64") : blob;
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}

/** What an armored SSH signature says about itself (PROTOCOL.sshsig); not yet verified. */
export interface SignatureHeader {
  readonly publicKey: Buffer;
  readonly keyType: string;
  readonly namespace: string;
}

/** Reads the header of an armored signature; null where it is none. */
export function readSignatureHeader(armored: string): SignatureHeader | null {
  const [, body] =
    /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)-----END SSH SIGNATURE-----\s*$/.exec(armored) ?? [];
  if (body === undefined) return null;
  const bytes = Buffer.from(body, "base64");
  if (bytes.toString("latin1", 0, 6) !== "SSHSIG" || bytes.length < 10 || bytes.readUInt32BE(6) !== 1)
    return null;
  const publicKey = readField(bytes, 10);
  const namespace = publicKey === null ? null : readField(bytes, 14 + publicKey.length);
  const keyType = publicKey === null ? null : readField(publicKey, 0);
  if (publicKey === null || namespace === null || keyType === null) return null;
  return { publicKey, keyType: keyType.toString("latin1"), namespace: namespace.toString("utf8") };
}

/** A length of four bytes, and as many bytes. */
function readField(bytes: Buffer, at: number): Buffer | null {
  if (at + 4 > bytes.length) return null;
  const length = bytes.readUInt32BE(at);
  return at + 4 + length > bytes.length ? null : bytes.subarray(at + 4, at + 4 + length);
}

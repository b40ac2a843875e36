import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";

const TYPE = "sk-ssh-ed25519@openssh.com";
const APPLICATION = "ssh:vibeops";

/** A security key in software: OpenSSH takes it for a real one, and it says "touched" or not as the test wants. */
export interface SoftwareSecurityKey {
  /** Text of the `.pub` file. */
  publicText: string;
  /** Writes the handle as ssh-keygen would, with these flags: 1 wants a touch. */
  writeHandle: (path: string, flags: number) => void;
  /** An armored signature whose flags say what happened: 1 touched. */
  sign: (bytes: Uint8Array, namespace: string, flags: number) => string;
}

export function softwareSecurityKey(): SoftwareSecurityKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const blob = Buffer.concat([field(TYPE), field(point), field(APPLICATION)]);
  const publicText = `${TYPE} ${blob.toString("base64")} test\n`;
  return {
    publicText,
    writeHandle: (path, flags) => {
      const check = Buffer.alloc(8, 7);
      const secret = [check, field(TYPE), field(point), field(APPLICATION), Buffer.from([flags])];
      const body = Buffer.concat([...secret, field("handle"), field(""), field("test")]);
      const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, i) => i + 1));
      const outer = [Buffer.from("openssh-key-v1\0"), field("none"), field("none"), field(""), uint32(1)];
      const file = Buffer.concat([...outer, field(blob), field(Buffer.concat([body, padding]))]);
      writeFileSync(path, armor("OPENSSH PRIVATE KEY", file), { mode: 0o600 });
      writeFileSync(`${path}.pub`, publicText);
    },
    sign: (bytes, namespace, flags) => {
      const tail = [field(namespace), field(""), field("sha512")];
      const message = Buffer.concat([Buffer.from("SSHSIG"), ...tail, field(hash("sha512", bytes))]);
      const counter = Buffer.concat([Buffer.from([flags]), uint32(1)]);
      const signed = Buffer.concat([hash("sha256", APPLICATION), counter, hash("sha256", message)]);
      const signature = Buffer.concat([field(TYPE), field(sign(null, signed, privateKey)), counter]);
      const parts = [Buffer.from("SSHSIG"), uint32(1), field(blob), ...tail, field(signature)];
      return armor("SSH SIGNATURE", Buffer.concat(parts));
    },
  };
}

function hash(algorithm: string, data: string | Uint8Array): Buffer {
  return createHash(algorithm).update(data).digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function field(data: string | Uint8Array): Buffer {
  const bytes = Buffer.from(data);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function armor(name: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,70}/g) ?? [];
  return [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`, ""].join("\n");
}

import type { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { readIfExists } from "../platform/files.ts";
import type { PrivateKeyFile } from "./private-key.ts";
import { listAgentKeys } from "./ssh-agent.ts";
import {
  fingerprint,
  isSecurityKey,
  type PublicKey,
  readPublicKey,
  STRONGER_KEY,
  whyTooShort,
} from "./ssh-key.ts";
import { trustRefusal } from "./trust-refusal.ts";

/** Why using a private key takes no person, if so: nothing asks them, or others can work it out. */
export type Weakness = "open" | "no-touch" | "in-agent" | "short";

/** Null: a passphrase or a touch stands between a program and this key. */
export async function findWeakness(
  key: PrivateKeyFile,
  publicKey: PublicKey | null,
  env: Context["env"],
): Promise<Weakness | null> {
  if (key.protection === "open" || key.protection === "no-touch") return key.protection;
  if (publicKey !== null && whyTooShort(publicKey) !== null) return "short";
  const socket = env.SSH_AUTH_SOCK ?? "";
  if (publicKey === null || socket === "" || isSecurityKey(publicKey.keyType)) return null;
  const held = await listAgentKeys(socket);
  return held.some((blob) => fingerprint(blob) === publicKey.fingerprint) ? "in-agent" : null;
}

/** The public half of a private key: its own, or in the older formats what lies beside it. */
export function publicHalf(file: string, key: PrivateKeyFile): PublicKey | null {
  if (key.publicKey !== null) return key.publicKey;
  const beside = readIfExists(`${file}.pub`)?.toString("utf8");
  return beside === undefined ? null : parsePublicKey(beside, `${file}.pub`);
}

/**
 * What to say of a weak key, with what mends it.
 *
 * @param own the public half where it is the approval key that the person has: another one takes its place once it is revoked
 */
export function weakKey(file: string, weakness: Weakness, own?: PublicKey | null): VibeopsError {
  const another = (init: string) =>
    own === undefined ? init : `vibeops trust revoke ${own?.fingerprint ?? "you@example.com"}, then ${init}`;
  const reasons = {
    open: [
      "key-open",
      "this key opens without a passphrase, so a program could approve with it",
      own === undefined
        ? `run the command again and choose a passphrase; for a key that you keep: ssh-keygen -p -f ${file}`
        : `ssh-keygen -p -f ${file}; or, where a program may have read it: ${another("vibeops trust init")}`,
    ],
    "no-touch": [
      "key-no-touch",
      "this security key signs without a touch, so a program could approve with it",
      `make one that wants a touch: ${another("vibeops trust init --sk")}`,
    ],
    "in-agent": [
      "key-in-agent",
      "this key is loaded in ssh-agent, which signs for every program without asking you",
      `take it out: ssh-add -d ${file}${own === undefined ? "; and keep a key for approvals alone: vibeops trust init" : ""}`,
    ],
    short: [
      "key-short",
      "this RSA key is so short that others can work it out",
      own === undefined ? STRONGER_KEY : `make another one: ${another("vibeops trust init")}`,
    ],
  } as const;
  const [reason, message, fix] = reasons[weakness];
  return trustRefusal(reason, file, message, fix);
}

/** Reads the text of a `.pub` file: one key. @throws VibeopsError `trust.key` */
export function parsePublicKey(text: string, file: string): PublicKey {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const [keyType = "", blob = ""] = (lines[0] ?? "").trim().split(/[ \t]+/);
  const key = lines.length === 1 ? readPublicKey(keyType, blob) : null;
  if (key !== null) return key;
  const isPrivate = text.includes("PRIVATE KEY");
  throw trustRefusal(
    "key",
    file,
    isPrivate ? "this is a private key, which stays with its owner" : "this is not one OpenSSH public key",
    "give the text of a .pub file: one line, ssh-ed25519 AAAA…",
  );
}

import { resolve } from "node:path";
import { readRegularFile } from "../../platform/files.ts";
import { type AddPlan, applyAdd, planAdd } from "../../runbook/change-trust.ts";
import { requireHuman } from "../../runbook/human.ts";
import { isSecurityKey, type PublicKey } from "../../runbook/ssh-key.ts";
import { parsePublicKey } from "../../runbook/weak-key.ts";
import { makeVisible } from "../../text/visible.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { LineReader } from "../line-reader.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { askYes } from "../runbook/ask-yes.ts";
import { openTrust } from "../runbook/open-trust.ts";
import { talkIo } from "../talk.ts";

const MAX_BYTES = 64 * 1024;

export async function runTrustAdd(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const [principal = "", file = ""] = args;
  const facts = { terminal: io.isInteractive };
  requireHuman(io.context.env, facts, "decide whom to trust");
  const paths = openTrust(io);
  const talk = talkIo(io, options);
  const key = await readKey(talk, file);
  const until = textOption(options, "until");
  const signer = { principal, key, ...(until === undefined ? {} : { until }) };
  const plan = planAdd(paths, signer, io.context.now());
  const data = { principal, fingerprint: key.fingerprint, keyType: key.keyType, until: until ?? null };
  if (plan.change === "none") {
    return outcome({ ...data, changed: false }, `${key.fingerprint} is listed as ${principal}'s already.`);
  }
  talk.stdout.write(`${describe(plan, paths.allowedSigners).join("\n")}\n`);
  await askYes(talk, "\nList this key?");
  await applyAdd(paths, io.context, facts, plan);
  return outcome({ ...data, changed: true }, `Listed: approvals by ${principal} count here.`);
}

/** `-` is pasted at the terminal: what comes through a pipe leaves nobody to say yes. */
async function readKey(io: Io, file: string): Promise<PublicKey> {
  if (file !== "-") {
    const path = resolve(io.cwd, file);
    return parsePublicKey(readRegularFile(path, { maxBytes: MAX_BYTES }).toString("utf8"), path);
  }
  const lines = new LineReader(io);
  try {
    return parsePublicKey(await lines.ask("Paste the public key (ssh-ed25519 AAAA…): "), "-");
  } finally {
    lines.close();
  }
}

function describe(plan: AddPlan, file: string): string[] {
  const { principal, key, until } = plan.signer;
  const lines = [
    `${plan.change === "add" ? "Adds to" : "Changes in"} ${file}:`,
    `  ${plan.line}`,
    `Whoever holds the key ${key.fingerprint} may then approve as ${principal}${until === undefined ? "" : `, until ${until}`}.`,
    "Compare the fingerprint with them by another way than the one on which the key came.",
    isSecurityKey(key.keyType)
      ? "It is a security key's: signatures without a touch do not count."
      : "Whether it has a passphrase cannot be seen from here: ask them.",
  ];
  return lines.map((line) => makeVisible(line, { newlines: false }));
}

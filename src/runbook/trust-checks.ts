import { VibeopsError } from "../errors.ts";
import { type Check, ok } from "../platform/check.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { checkOf } from "../project/checks.ts";
import { listTrust, type TrustState } from "./list-trust.ts";
import { refuseReachableTrust, type TrustPaths, trustPaths } from "./trust.ts";

/**
 * The person's own trust: folders that nobody else can write, a list that can be read, a key that asks a human.
 *
 * @param top the work tree around the project, which must not hold any of it
 */
export async function checkTrust(top: string | null, context: Context): Promise<Check[]> {
  const paths = trustPaths(context.env);
  try {
    refuseReachableTrust(paths, top);
    const state = await listTrust(paths, context);
    return [
      ok("trust.folders", "the trust folders are yours alone"),
      ...checkKeyFile(paths),
      ...checkKey(state),
    ];
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return [checkOf(error, paths.directory)];
  }
}

function checkKeyFile({ key }: TrustPaths): Check[] {
  const stats = lstatOrNull(key);
  if (stats === null || (stats.mode & 0o077) === 0) return [];
  const what = "others may read your approval key, so ssh-keygen does not sign with it";
  return [{ name: "trust.key-mode", status: "error", what, file: key, fix: `chmod 600 '${key}'` }];
}

function checkKey({ own, keys, allowedSigners }: TrustState): Check[] {
  if (own === null)
    return [ok("trust.key", "no approval key here (who approves makes one: vibeops trust init)")];
  const { file } = own;
  if (own.asks === "nobody") {
    const what = "your approval key signs without asking anybody (no passphrase, no touch, or in ssh-agent)";
    return [{ name: "trust.key-open", status: "error", what, file, fix: "vibeops trust init" }];
  }
  const mine = keys.filter((key) => key.mine);
  if (mine.length === 0) {
    const what = "your approval key is not listed, so what it signs does not count";
    const fix = "vibeops trust add you@example.com with its .pub file";
    return [{ name: "trust.not-listed", status: "warning", what, file: allowedSigners, fix }];
  }
  if (mine.every((key) => key.revoked || key.expired)) {
    const what = "your approval key is revoked or has ended, so what it signs does not count";
    return [
      {
        name: "trust.key-ended",
        status: "warning",
        what,
        file: allowedSigners,
        line: mine[0]?.line,
        fix: "vibeops trust init",
      },
    ];
  }
  return [
    ok("trust.key", `an approval key that asks for ${own.asks === "touch" ? "a touch" : "its passphrase"}`),
  ];
}

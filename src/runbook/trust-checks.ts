import { VibeopsError } from "../errors.ts";
import { type Check, ok } from "../platform/check.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { quoteAlways } from "../platform/quote.ts";
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
  return [{ name: "trust.key-mode", status: "error", what, file: key, fix: `chmod 600 ${quoteAlways(key)}` }];
}

function checkKey({ own, keys, allowedSigners }: TrustState): Check[] {
  if (own === null)
    return [ok("trust.key", "no approval key here (who approves makes one: vibeops trust init)")];
  const { file } = own;
  if (own.weakness !== null) {
    const what = `what your approval key signs does not count: ${own.weakness.message}`;
    return [{ name: "trust.key-open", status: "error", what, file, fix: own.weakness.fix }];
  }
  const mine = keys.filter((key) => key.mine);
  if (mine.length === 0) {
    const what = "your approval key is not listed, so what it signs does not count";
    return [
      {
        name: "trust.not-listed",
        status: "warning",
        what,
        file: allowedSigners,
        fix: "vibeops trust init",
      },
    ];
  }
  const [first] = mine;
  if (first !== undefined && mine.every((key) => key.revoked || key.expired || key.from !== null)) {
    const what = `your approval key ${first.revoked ? "is revoked" : first.expired ? "has ended" : "does not count yet"}, so what it signs does not count`;
    // An init keeps a key that is there, and makes another one only where it is revoked.
    const fix = first.revoked ? "vibeops trust init" : `vibeops trust add ${first.principal} ${file}.pub`;
    const { line } = first;
    return [{ name: "trust.key-ended", status: "warning", what, file: allowedSigners, line, fix }];
  }
  return [
    ok("trust.key", `an approval key that asks for ${own.asks === "touch" ? "a touch" : "its passphrase"}`),
  ];
}

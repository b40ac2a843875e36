import type { Judge } from "../call.ts";
import { parseOptions } from "../options.ts";
import { opaque, worst } from "../verdict.ts";

/** What takes commits back, or puts others in their place. */
export const rewrites = (what: string) =>
  opaque(`"git ${what}" rewrites the history that the trail is proven from.`, what);

export const reset: Judge = ({ args }) => {
  const isHard = args.some((arg) => /^--(hard|keep|merge)$/.test(arg));
  const target = args.find((arg) => !arg.startsWith("-"));
  return isHard && target !== undefined && target !== "HEAD" ? rewrites("reset --hard") : null;
};

export const reflog: Judge = ({ args }) =>
  /^(expire|delete)$/.test(args[0] ?? "") ? rewrites("reflog expire") : null;

export const filterBranch: Judge = (call) => {
  const { flags } = parseOptions(call.args, {
    values:
      "--env-filter --tree-filter --index-filter --parent-filter --msg-filter --commit-filter --tag-name-filter --subdirectory-filter",
  });
  const inner = flags.map(({ value }) =>
    value === undefined ? null : call.world.judgeScript(value, { kind: "unknown" }),
  );
  return worst(rewrites("filter-branch"), ...inner);
};

/** `+from:to`, or `--force`: a branch of this repository is set back to another's. */
export function forcesBranch(args: readonly string[], [, ...refspecs]: readonly string[]): boolean {
  const isForced = args.some((arg) => /^(-[a-zA-Z]*f[a-zA-Z]*|--force)$/.test(arg));
  return refspecs.some((refspec) => /^\+.*:/.test(refspec) || (isForced && refspec.includes(":")));
}

import { findGit } from "../../platform/git.ts";
import { refuseReachableTrust, type TrustPaths, trustPaths } from "../../runbook/trust.ts";
import type { Io } from "../io.ts";

/** The person's trust, for a command that needs no project. @throws VibeopsError as {@link refuseReachableTrust} */
export function openTrust(io: Io): TrustPaths {
  const paths = trustPaths(io.context.env);
  refuseReachableTrust(paths, findGit(io.cwd, io.context.env)?.top ?? null);
  return paths;
}

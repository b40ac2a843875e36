import { Exit, VibeopsError } from "../../errors.ts";
import { nearest } from "../../text/similar.ts";
import type { Deployment, ServiceTrail } from "./trail.ts";

/** What is gone back to, and what is gone back from. */
export interface Way {
  readonly to: Deployment;
  /** What runs now, as far as the records know. */
  readonly from: Deployment;
  /** What was deployed after `to`, oldest first; `from` is the last of them. Empty where `to` runs already. */
  readonly since: readonly Deployment[];
}

/**
 * The version that is asked for, as it was deployed last; without one, the version that ran before the one that runs now.
 *
 * @throws VibeopsError `rollback.version`, `rollback.none` (exit 3): each lists the versions in the trail
 */
export function chooseWay(trail: ServiceTrail, version: string | undefined): Way {
  const { deployments } = trail;
  const from = deployments.at(-1);
  if (from === undefined)
    throw refuse("none", `no runbook of ${trail.service} was carried out to its end`, trail);
  const to = deployments.findLast(({ manifest }) =>
    version === undefined ? manifest.version !== from.manifest.version : manifest.version === version,
  );
  if (to === undefined) throw version === undefined ? nothingBefore(trail, from) : noVersion(trail, version);
  return { to, from, since: deployments.slice(deployments.indexOf(to) + 1) };
}

function nothingBefore(trail: ServiceTrail, { manifest }: Deployment): VibeopsError {
  const message = `${manifest.version} is the only version of ${trail.service} that was deployed`;
  return refuse("none", message, trail);
}

function noVersion(trail: ServiceTrail, version: string): VibeopsError {
  const versions = trail.preparations.map(({ manifest }) => manifest.version);
  if (versions.includes(version)) {
    return refuse(
      "version",
      `${trail.service} ${version} was prepared, and never carried out to its end`,
      trail,
    );
  }
  const close = nearest(version, versions);
  const meant = close === undefined ? "" : `; did you mean ${close}?`;
  return refuse("version", `the trail has no ${trail.service} ${version}${meant}`, trail);
}

function refuse(problem: "none" | "version", message: string, trail: ServiceTrail): VibeopsError {
  const versions = listVersions(trail);
  return new VibeopsError({
    code: `rollback.${problem}`,
    exit: Exit.notFound,
    message,
    fix: `the trail has: ${versions.map((one) => `${one.version} (${one.state}, runbook ${one.runbook})`).join(", ")}`,
    facts: { versions },
  });
}

function listVersions({ preparations, deployments }: ServiceTrail) {
  return preparations.map(({ manifest: { version, runbook } }) => {
    const ended = deployments.find((one) => one.manifest.runbook === runbook)?.ended;
    const state = ended === undefined ? "prepared, never deployed" : `deployed ${ended.slice(0, 10)}`;
    return { version, runbook, state };
  });
}

import { sharesNetwork } from "./sites/shared-network.ts";
import type { Situation } from "./situation.ts";
import { targetKindOf } from "./target-kind.ts";

/** Where a check on the host can ask the service. */
export interface AnswerRoots {
  /** `http://127.0.0.1:3000`; null where it publishes no port: whatever answers there is something else. */
  readonly local: string | null;
  /** The first name that is no wildcard. */
  readonly domain: string | null;
  /** `https://shop.example.com` */
  readonly site: string | null;
}

/** Whether its port is one of the host's; not where a proxy reaches the container in a network that they share. */
export function isPublished(situation: Pick<Situation, "block" | "place" | "settings">): boolean {
  return targetKindOf(situation) !== "compose" || !sharesNetwork(situation);
}

export function answerRoots(situation: Pick<Situation, "block" | "place" | "settings">): AnswerRoots {
  const { block, settings } = situation;
  const domain = block.domains?.find((name) => !name.startsWith("*")) ?? null;
  return {
    local:
      settings.port === null || !isPublished(situation) ? null : `http://127.0.0.1:${settings.port.host}`,
    domain,
    site: domain === null ? null : `https://${domain}`,
  };
}

import type { Situation } from "../situation.ts";

/** Whether the proxy finds the service by its container's labels, in a network that they share. */
export function usesLabels(situation: Pick<Situation, "block" | "place" | "settings">): boolean {
  const { proxy } = situation.place.host;
  return proxy?.kind === "traefik" && proxy.network !== undefined && isLedTo(situation);
}

/**
 * Whether the proxy reaches the service in a network that they share: then it publishes no port. What no name leads to
 * has no business in there, and keeps its port on the loopback address.
 */
export function sharesNetwork(situation: Pick<Situation, "block" | "place" | "settings">): boolean {
  return (
    usesLabels(situation) || (situation.place.host.proxy?.kind === "caddy-compose" && isLedTo(situation))
  );
}

/** No rule of Traefik's is prepared for a wildcard. */
function isLedTo({ block, place, settings }: Pick<Situation, "block" | "place" | "settings">): boolean {
  const isTraefik = place.host.proxy?.kind === "traefik";
  const names = (block.domains ?? []).filter((domain) => !isTraefik || !domain.startsWith("*"));
  return settings.port !== null && names.length > 0;
}

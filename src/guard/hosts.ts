import type { GuardFacts } from "./facts.ts";
import { hasMarker } from "./markers.ts";

/** `loopback`: this machine. `local`: an inventory host whose tier says so. `other`: no host that we know. */
export type HostKind = "loopback" | "local" | "known" | "other";

/** Takes `host`, `user@host`, `host:port`, `[::1]:80`. Anything odd is `other`. */
export function judgeHost(text: string, facts: GuardFacts): HostKind {
  if (hasMarker(text)) return namesKnownHost(text, facts) ? "known" : "other";
  const host = bareHost(text);
  if (isLoopback(host)) return "loopback";
  const known = facts.hosts.find((each) =>
    [each.name, each.address].some((name) => name && bareHost(name) === host),
  );
  if (known === undefined) return "other";
  return known.tier === "local" ? "local" : "known";
}

/** A host of the inventory stands in the text as a word of its own. */
export function namesKnownHost(text: string, facts: GuardFacts): boolean {
  const words = new Set(text.toLowerCase().split(/[^a-z0-9.-]+/));
  return facts.hosts.some(
    (each) =>
      each.tier !== "local" && [each.name, each.address].some((name) => name && words.has(bareHost(name))),
  );
}

function bareHost(text: string): string {
  const afterUser = text.slice(text.lastIndexOf("@") + 1).toLowerCase();
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(afterUser);
  if (bracketed) return bracketed[1] ?? "";
  const colons = afterUser.split(":").length - 1;
  const host = colons === 1 ? afterUser.slice(0, afterUser.indexOf(":")) : afterUser;
  return host.replace(/\.$/, "");
}

/** Only spellings that every resolver reads alike: no integers, octals or public names that point home. */
function isLoopback(host: string): boolean {
  return (
    host === "localhost" ||
    host === "::1" ||
    host === "0.0.0.0" ||
    /^127\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.test(host)
  );
}

/** The host of a URL, with or without a scheme; null when it is not plain, so that two parsers could differ. */
export function hostOfUrl(url: string): string | null {
  const match = /^(?:[A-Za-z][\w+.-]*:\/\/)?([^/?#]*)/.exec(url);
  const authority = match?.[1] ?? "";
  if (authority === "" || !/^[\w.\-~%:@[\]]+$/.test(authority)) return null;
  if (authority.split("@").length > 2 || /%/.test(authority)) return null;
  return authority;
}

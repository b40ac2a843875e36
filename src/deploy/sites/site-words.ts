import { Exit, VibeopsError } from "../../errors.ts";
import { quoteUntrusted } from "../../text/visible.ts";
import { proxiedHealthPath } from "../block-facts.ts";
import type { Situation } from "../situation.ts";

/** ASCII labels, an IDN in its `xn--` form; a wildcard stands only at the front, and a port only at the end. */
const DOMAIN =
  /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::\d{1,5})?$/i;

/** What a path may hold so that it is one word to a proxy: no space, quote, brace, backslash or placeholder. */
const URL_PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/;

/** A folder or file of the host, where no proxy could take anything in it for its own syntax. */
const HOST_PATH = /^\/[A-Za-z0-9._/@+-]*$/;

/**
 * The domains of a service, each plainly a domain.
 *
 * @throws VibeopsError `deploy.domain`: the words of a site file cannot be escaped in every place, so what is not
 *   plainly a domain is refused
 */
export function plainDomains({ block }: Situation): readonly string[] {
  const domains = block.domains ?? [];
  for (const domain of domains) requirePlain(DOMAIN, domain, "domain", "shop.example.com");
  return domains;
}

/** The path that the proxy may ask for the service's health; empty for none. @throws VibeopsError `deploy.health-path` */
export function plainHealthPath({ block, settings }: Situation): string {
  const path = proxiedHealthPath(block, settings.port?.container);
  if (path === undefined) return "";
  requirePlain(URL_PATH, path, "health-path", "/healthz");
  return path;
}

/** A path of inventory.yaml in a site file. @throws VibeopsError `deploy.host-path` */
export function plainHostPath(path: string): string {
  if (HOST_PATH.test(path)) return path;
  throw new VibeopsError({
    code: "deploy.host-path",
    exit: Exit.invalid,
    message: `${quoteUntrusted(path)} is no path that can stand in a proxy's configuration`,
    file: "inventory.yaml",
    fix: "letters, digits and . _ - @ + only, as in: /srv",
  });
}

function requirePlain(pattern: RegExp, text: string, what: string, example: string): void {
  if (pattern.test(text)) return;
  throw new VibeopsError({
    code: `deploy.${what}`,
    exit: Exit.invalid,
    message: `${quoteUntrusted(text)} is no ${what.replace("-", " ")} that can stand in a proxy's configuration`,
    fix: `ask the sender for a corrected memo; write it as in: ${example}`,
  });
}

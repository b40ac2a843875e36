import { Exit, VibeopsError } from "../errors.ts";
import { quoteUntrusted } from "../text/visible.ts";
import { proxiedHealthPath } from "./block-facts.ts";
import { type FindTemplate, render } from "./catalogue.ts";
import type { Situation } from "./questions.ts";

/** ASCII labels, an IDN in its `xn--` form; a wildcard stands only at the front, and a port only at the end. */
const DOMAIN =
  /^(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::\d{1,5})?$/i;

/** What a path may hold so that it is one word to Caddy: no space, quote, brace, backslash or placeholder. */
const PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/;

/**
 * The site file of a service for a Caddy that imports a folder of them. Null where there is no domain or no port.
 *
 * @throws VibeopsError `deploy.domain`, `deploy.health-path`: the words of a Caddyfile cannot be escaped in every
 *   place, so what is not plainly a domain or a path is refused
 */
export function writeCaddySite(
  { block, settings }: Situation,
  header: { readonly memo: string },
  find: FindTemplate,
): string | null {
  const domains = block.domains ?? [];
  if (domains.length === 0 || settings.port === null) return null;
  for (const domain of domains) requirePlain(DOMAIN, domain, "domain", "shop.example.com");
  const path = proxiedHealthPath(block, settings.port.container);
  if (path !== undefined) requirePlain(PATH, path, "health-path", "/healthz");
  return render(find, "deploy/compose/site.caddy", {
    service: block.service,
    version: block.version,
    memo: header.memo,
    domains: domains.join(", "),
    port: String(settings.port.host),
    health: path ?? "",
  });
}

function requirePlain(pattern: RegExp, text: string, what: string, example: string): void {
  if (pattern.test(text)) return;
  throw new VibeopsError({
    code: `deploy.${what}`,
    exit: Exit.invalid,
    message: `${quoteUntrusted(text)} is no ${what.replace("-", " ")} that can stand in a Caddyfile`,
    fix: `ask the sender for a corrected memo; write it as in: ${example}`,
  });
}

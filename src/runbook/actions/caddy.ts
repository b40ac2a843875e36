import { quoteCommand } from "../quote.ts";

/** `caddy <verb> --config FILE --adapter caddyfile …`, each argument quoted. */
export function caddy(verb: "validate" | "reload", config: string, ...words: string[]): string {
  return quoteCommand(["caddy", verb, "--config", config, "--adapter", "caddyfile", ...words]);
}

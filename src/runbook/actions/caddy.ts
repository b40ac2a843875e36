import * as z from "zod/mini";
import { quoteCommand } from "../../platform/quote.ts";
import { compose } from "./compose.ts";
import { absolutePath, serviceName } from "./parameters.ts";

/** The container in which Caddy runs, where it does not run on the host itself. */
export const caddyContainer = z
  .optional(z.strictObject({ directory: absolutePath, service: serviceName }))
  .check(z.describe("the container in which Caddy runs; `config` is then a path in it"));

export interface CaddyPlace {
  readonly config: string;
  readonly compose?: { readonly directory: string; readonly service: string } | undefined;
}

/** `caddy <verb> --config FILE --adapter caddyfile …`, each argument quoted. */
export function caddy(verb: "validate" | "reload", where: CaddyPlace, ...words: string[]): string {
  const command = ["caddy", verb, "--config", where.config, "--adapter", "caddyfile", ...words];
  if (where.compose === undefined) return quoteCommand(command);
  return compose(where.compose.directory, "exec", "-T", where.compose.service, ...command);
}

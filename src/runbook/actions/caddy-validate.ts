import * as z from "zod/mini";
import { defineAction } from "./action.ts";
import { caddy, caddyContainer } from "./caddy.ts";
import { absolutePath } from "./parameters.ts";

const schema = z.strictObject({
  config: z
    ._default(absolutePath, "/etc/caddy/Caddyfile")
    .check(z.describe("the main Caddyfile on the host")),
  compose: caddyContainer,
});

type Parameters = z.output<typeof schema>;

/** Reads the configuration as Caddy would and starts nothing. */
export const caddyValidate = defineAction<Parameters>({
  name: "caddy.validate",
  summary: "Checks that Caddy would accept its configuration; changes nothing.",
  version: 1,
  schema,
  says: {
    check: "that Caddy would accept its configuration",
    rollback: "nothing to undo",
    example: { config: "/etc/caddy/Caddyfile" },
  },
  effect: () => ({ run: "read", rollback: "read" }),
  compile(params) {
    return { check: { script: caddy("validate", params) } };
  },
});

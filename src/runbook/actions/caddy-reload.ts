import * as z from "zod/mini";
import { quoteCommand } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import { type CaddyPlace, caddy, caddyContainer } from "./caddy.ts";
import { hasKeep, needsKeep, putSitesBack, restoredSites } from "./kept-files.ts";
import { absolutePath } from "./parameters.ts";

const schema = z.strictObject({
  config: z
    ._default(absolutePath, "/etc/caddy/Caddyfile")
    .check(z.describe("the main Caddyfile on the host")),
  admin: z
    .optional(z.string().check(z.regex(/^[A-Za-z0-9.-]{1,253}:\d{1,5}$/, { error: "host:port" })))
    .check(z.describe("Caddy's admin address; what its configuration says unless told")),
  compose: caddyContainer,
  ...restoredSites,
});

type Parameters = z.output<typeof schema>;

/** Makes Caddy use its configuration. The way back puts the sites back first: see compose-up.ts on the order. */
export const caddyReload = defineAction<Parameters>({
  name: "caddy.reload",
  summary: "Makes Caddy use its configuration; the way back puts the earlier sites back and reloads again.",
  version: 1,
  schema: schema.check(z.refine(hasKeep, needsKeep)),
  says: {
    check: "that Caddy answers at `admin`; without it, that the configuration is valid",
    rollback: "puts the files of `restore` back, then reloads",
    example: { config: "/etc/caddy/Caddyfile", admin: "127.0.0.1:2019" },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params, source) {
    const address = params.admin === undefined ? [] : ["--address", params.admin];
    const reload = caddy("reload", params, ...address);
    return {
      run: { script: reload },
      check: checkRunning(params),
      rollback: { script: `${putSitesBack(params, source.runbook)}${reload}` },
    };
  },
});

/** Where the admin address is known, that Caddy answers there; that sites answer is what http.check asks. */
function checkRunning({ admin, ...where }: CaddyPlace & Pick<Parameters, "admin">) {
  if (admin === undefined) return { script: caddy("validate", where) };
  const quiet = ["--fail", "--silent", "--show-error", "--output", "/dev/null", "--max-time", "10"];
  return { script: quoteCommand(["curl", ...quiet, `http://${admin}/config/`]), attempts: 5 };
}

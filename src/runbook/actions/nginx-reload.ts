import * as z from "zod/mini";
import { defineAction } from "./action.ts";
import { hasKeep, needsKeep, putSitesBack, restoredSites } from "./kept-files.ts";
import { reloadNginx, testNginx } from "./nginx.ts";
import { absolutePath } from "./parameters.ts";

const schema = z
  .strictObject({
    config: z
      ._default(absolutePath, "/etc/nginx/nginx.conf")
      .check(z.describe("the main configuration on the host")),
    ...restoredSites,
  })
  .check(z.refine(hasKeep, needsKeep));

type Parameters = z.output<typeof schema>;

/** Makes nginx use its configuration. The way back puts the sites back first: see compose-up.ts on the order. */
export const nginxReload = defineAction<Parameters>({
  name: "nginx.reload",
  summary: "Makes nginx use its configuration; the way back puts the earlier sites back and reloads again.",
  version: 1,
  schema,
  says: {
    check: "that nginx accepts its configuration; that sites answer is what http.check asks",
    rollback: "puts the files of `restore` back, tests, then reloads",
    example: { config: "/etc/nginx/nginx.conf" },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params, source) {
    const use = `${testNginx(params.config)}\n${reloadNginx(params.config)}\n`;
    return {
      run: { script: use },
      check: { script: testNginx(params.config) },
      rollback: { script: `${putSitesBack(params, source.runbook)}${use}` },
    };
  },
});

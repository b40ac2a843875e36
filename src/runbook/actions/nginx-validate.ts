import * as z from "zod/mini";
import { defineAction } from "./action.ts";
import { testNginx } from "./nginx.ts";
import { absolutePath } from "./parameters.ts";

const schema = z.strictObject({
  config: z
    ._default(absolutePath, "/etc/nginx/nginx.conf")
    .check(z.describe("the main configuration on the host")),
});

type Parameters = z.output<typeof schema>;

/** Reads the configuration as nginx would and starts nothing. */
export const nginxValidate = defineAction<Parameters>({
  name: "nginx.validate",
  summary: "Checks that nginx would accept its configuration; changes nothing.",
  version: 1,
  schema,
  says: {
    check: "that nginx would accept its configuration, certificates included",
    rollback: "nothing to undo",
    example: { config: "/etc/nginx/nginx.conf" },
  },
  effect: () => ({ run: "read", rollback: "read" }),
  compile(params) {
    return { check: { script: testNginx(params.config) } };
  },
});

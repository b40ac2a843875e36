import * as z from "zod/mini";
import { defineAction } from "./action.ts";
import { allRunning, compose } from "./compose.ts";
import { absolutePath, serviceName } from "./parameters.ts";

const schema = z.strictObject({
  directory: absolutePath.check(z.describe("the folder on the host that holds compose.yaml")),
  services: z
    ._default(z.array(serviceName).check(z.maxLength(50)), [])
    .check(z.describe("only these services; all unless told")),
});

type Parameters = z.output<typeof schema>;

/** Restarts containers as they are; a changed Compose file takes compose.up. */
export const composeRestart = defineAction<Parameters>({
  name: "compose.restart",
  summary: "Restarts the containers of a Compose project as they are.",
  version: 1,
  schema,
  says: {
    check: "that each service runs",
    rollback: "none: a restart changes no configuration",
    example: { directory: "/srv/shop", services: ["web"] },
  },
  effect: () => ({ run: "host", rollback: "read" }),
  compile(params) {
    return {
      run: { script: compose(params.directory, "restart", ...params.services) },
      check: { script: allRunning(params.directory, params.services), attempts: 5 },
      noRollback: "a restart changes no configuration.",
    };
  },
});

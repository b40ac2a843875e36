import * as z from "zod/mini";
import { defineAction } from "./action.ts";
import { compose } from "./compose.ts";
import { absolutePath, flag } from "./parameters.ts";

const schema = z.strictObject({
  directory: absolutePath.check(z.describe("the folder on the host that holds compose.yaml")),
  volumes: z._default(flag, false).check(z.describe("delete the named volumes too: their data is lost")),
});

type Parameters = z.output<typeof schema>;

/** Stops and removes a project's containers. With `volumes` it deletes data, which nothing here brings back. */
export const composeDown = defineAction<Parameters>({
  name: "compose.down",
  summary: "Stops and removes the containers of a Compose project, with `volumes` their data as well.",
  version: 1,
  schema,
  says: {
    check: "that no service of the project runs",
    rollback: "starts the project again; none with `volumes`",
    example: { directory: "/srv/shop" },
  },
  effect: (params) => ({ run: params.volumes ? "destructive" : "host", rollback: "host" }),
  compile(params) {
    const { directory } = params;
    const run = { script: compose(directory, "down", ...(params.volumes ? ["--volumes"] : [])) };
    const check = {
      script: `running=$(${compose(directory, "ps", "--services", "--filter", "status=running")})
if [ -n "$running" ]; then echo "still running:" $running >&2; exit 1; fi
`,
    };
    if (params.volumes)
      return { run, check, noRollback: "the data in the volumes is deleted; only a backup brings it back." };
    return { run, check, rollback: { script: compose(directory, "up", "--detach", "--wait") } };
  },
});

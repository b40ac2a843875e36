import * as z from "zod/mini";
import { defineAction } from "./action.ts";
import { compose } from "./compose.ts";
import { absolutePath } from "./parameters.ts";

const schema = z.strictObject({
  directory: absolutePath.check(z.describe("the folder on the host that holds compose.yaml")),
  policy: z
    ._default(z.enum(["missing", "always"]), "missing")
    .check(
      z.describe(
        "`missing` leaves an image alone that is on the host already: right for pinned tags and digests",
      ),
    ),
});

type Parameters = z.output<typeof schema>;

/** Fetches the images, so that none is missing when the old containers stop. */
export const composePull = defineAction<Parameters>({
  name: "compose.pull",
  summary: "Fetches the images of a Compose project; what runs is not touched.",
  version: 1,
  schema,
  says: {
    check: "that the Compose file is valid",
    rollback: "none: what runs is not touched",
    example: { directory: "/srv/shop" },
  },
  effect: () => ({ run: "host", rollback: "read" }),
  compile(params) {
    return {
      run: { script: compose(params.directory, "pull", "--policy", params.policy) },
      check: { script: compose(params.directory, "config", "--quiet") },
      noRollback: "images that were fetched change nothing that runs.",
    };
  },
});

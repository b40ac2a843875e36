import * as z from "zod/mini";
import { defineAction } from "./action.ts";
import { wholeNumber } from "./parameters.ts";

const schema = z.strictObject({ seconds: wholeNumber(1, 3600) });

type Parameters = z.output<typeof schema>;

/** Lets time pass on the host. */
export const wait = defineAction<Parameters>({
  name: "wait",
  summary: "Waits; changes nothing.",
  version: 1,
  schema,
  says: {
    check: "none",
    rollback: "nothing to undo",
    example: { seconds: "30" },
  },
  effect: () => ({ run: "read", rollback: "read" }),
  compile(params) {
    return {
      run: { script: `sleep ${params.seconds}`, timeout: `${params.seconds + 60}s` },
      noRollback: "waiting changes nothing.",
    };
  },
});

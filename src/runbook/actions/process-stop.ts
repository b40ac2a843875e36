import * as z from "zod/mini";
import { quoteCommand } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import { absolutePath, serviceName } from "./parameters.ts";
import { PROCESS_FUNCTIONS, START_FUNCTION, STOP_FUNCTION } from "./process.ts";

const schema = z.strictObject({
  directory: absolutePath.check(z.describe("the service's folder on the host")),
  name: serviceName.check(z.describe("as process.start was given it")),
});

type Parameters = z.output<typeof schema>;

/** Stops what process.start started. */
export const processStop = defineAction<Parameters>({
  name: "process.stop",
  summary: "Stops a process that process.start started; the way back starts it again.",
  version: 2,
  schema,
  says: {
    check: "that the process is gone",
    rollback: "starts it again, unless it runs still",
    example: { directory: "/srv/shop", name: "shop" },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params) {
    const file = (ending: string) => `${params.directory}/${params.name}.${ending}`;
    return {
      run: {
        script: `${PROCESS_FUNCTIONS}${STOP_FUNCTION}${quoteCommand(["stop", file("pid")])}\n`,
        timeout: "1m",
      },
      check: {
        script: `${PROCESS_FUNCTIONS}if ${quoteCommand(["is_running", file("pid")])}; then echo "still running" >&2; exit 1; fi\n`,
      },
      rollback: {
        // Where the stop failed, or nobody knows whether it came to pass, a second one would take the first one's pid file.
        script: `${PROCESS_FUNCTIONS}${START_FUNCTION}if ! ${quoteCommand(["is_running", file("pid")])}; then
  ${quoteCommand(["start", file("start"), file("log"), file("pid")])}
fi
`,
      },
    };
  },
});

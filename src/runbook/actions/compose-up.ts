import * as z from "zod/mini";
import { quoteWord } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import { allRunning, compose, logEvidence } from "./compose.ts";
import { keepFolder, keptPath, PUT_BACK_FUNCTION, putBackLines } from "./kept-files.ts";
import { absolutePath, flag, serviceName, wholeNumber } from "./parameters.ts";

const schema = z.strictObject({
  directory: absolutePath.check(z.describe("the folder on the host that holds compose.yaml")),
  services: z
    ._default(z.array(serviceName).check(z.maxLength(50)), [])
    .check(z.describe("only these services; all unless told")),
  wait: z._default(flag, true).check(z.describe("until every container runs and is healthy")),
  wait_timeout: z.optional(wholeNumber(1, 3600)).check(z.describe("seconds to wait at most")),
  restore: z
    ._default(z.array(absolutePath).check(z.maxLength(50)), [])
    .check(
      z.describe(
        "what an earlier files.install wrote and this step needs: the way back puts it back first; compose.yaml among it",
      ),
    ),
  keep: z
    .optional(absolutePath)
    .check(z.describe("the `keep` of that files.install; `.vibeops` in the directory unless told")),
});

type Parameters = z.output<typeof schema>;

/**
 * Starts what the Compose file says.
 *
 * Going back. Rollbacks run in reverse order, so this step's rollback comes before the one of the files.install
 * that wrote compose.yaml. Hence it puts those files back itself (`restore`) and then starts the version before;
 * where there was none before, it takes the project down. The rollback of files.install does the same again,
 * harmlessly, and forgets what was kept. A deployment's steps are therefore, in this order:
 *
 * 1. files.install   compose.yaml and what it needs        keep: <directory>/.vibeops
 * 2. compose.pull                                          (no image is missing when containers stop)
 * 3. compose.up      restore: all destinations of 1
 * 4. files.install   the proxy's site                      keep: a folder outside of what the proxy imports
 * 5. caddy.validate
 * 6. caddy.reload    restore: the destination of 4
 * 7. http.check      through the proxy
 *
 * After a failed second version, going back from any of these leaves the first one running.
 */
export const composeUp = defineAction<Parameters>({
  name: "compose.up",
  summary:
    "Starts the containers of a Compose project; the way back starts the version before, or stops them.",
  version: 2,
  schema,
  says: {
    check: "that each service runs",
    rollback:
      "keeps the last logs, puts `restore` back and starts the version before, or stops the first one; without `restore` it stops `services`, or all",
    example: { directory: "/srv/shop", restore: ["/srv/shop/compose.yaml"] },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params, source) {
    const up = upCommand(params);
    return {
      run: { script: up },
      check: { script: allRunning(params.directory, params.services), attempts: 5 },
      rollback: { script: rollbackScript(params, source.runbook, up) },
    };
  },
});

function upCommand(params: Parameters): string {
  const wait = params.wait ? ["--wait"] : [];
  const limit = params.wait_timeout === undefined ? [] : ["--wait-timeout", String(params.wait_timeout)];
  return compose(
    params.directory,
    "up",
    "--detach",
    ...wait,
    ...limit,
    "--remove-orphans",
    ...params.services,
  );
}

const COMPOSE_FILE = /\/(?:docker-)?compose\.ya?ml$/;

function rollbackScript(params: Parameters, runbook: string, up: string): string {
  const logs = logEvidence(params.directory);
  const down = compose(params.directory, "down");
  // Whether there was a version before is whether there was a Compose file.
  const first = params.restore.find((path) => COMPOSE_FILE.test(path)) ?? params.restore[0];
  if (first === undefined) {
    // Other services of the project are none of this step's.
    const some = compose(params.directory, "rm", "--stop", "--force", ...params.services);
    return `${logs}${params.services.length === 0 ? down : some}\n`;
  }
  const keep = keepFolder(params.keep, params.directory);
  return `${PUT_BACK_FUNCTION}${logs}if [ -e ${quoteWord(keptPath(keep, runbook, first))} ]; then
${indent(putBackLines(keep, runbook, params.restore))}  ${up}
else
  ${down}
fi
`;
}

function indent(lines: string): string {
  return lines.replace(/^(?=.)/gm, "  ");
}

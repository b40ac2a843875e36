import * as z from "zod/mini";
import { quoteCommand } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import {
  FORGET_FUNCTION,
  KEEP_FUNCTION,
  keepFolder,
  keptPath,
  PUT_BACK_FUNCTION,
  putBackLines,
} from "./kept-files.ts";
import { absolutePath, argument, environmentName, serviceName } from "./parameters.ts";
import { PROCESS_FUNCTIONS, START_FUNCTION, STOP_FUNCTION } from "./process.ts";

const schema = z.strictObject({
  directory: absolutePath.check(z.describe("the service's folder on the host")),
  name: serviceName.check(z.describe("names the pid file, the log and the start script in that folder")),
  command: z
    .array(argument.check(z.minLength(1)))
    .check(z.minLength(1), z.maxLength(100), z.describe("program and arguments")),
  environment: z._default(z.record(environmentName, argument), {}),
  in: z.optional(absolutePath).check(z.describe("where it runs; `current` in the directory unless told")),
  restore: z
    ._default(z.array(absolutePath).check(z.maxLength(50)), [])
    .check(
      z.describe(
        "what earlier steps replaced (`current`, files): the way back puts it back before it starts",
      ),
    ),
  keep: z.optional(absolutePath).check(z.describe("`.vibeops` in the directory unless told")),
});

type Parameters = z.output<typeof schema>;

/**
 * Starts a service as a process on a host without a container engine, in place of the one that runs under the
 * same name. The start script stays on the host, so the way back can start the version before as it was
 * started. Steps: release.place, files.install, then this with `restore` naming what those two replaced.
 */
export const processStart = defineAction<Parameters>({
  name: "process.start",
  summary:
    "Starts a process in place of the one before; the way back starts the version before, or stops it.",
  version: 2,
  schema,
  says: {
    check: "that the process runs, and still runs after three seconds",
    rollback: "keeps the last log lines, puts `restore` back and starts the version before",
    example: {
      directory: "/srv/shop",
      name: "shop",
      command: ["node", "server.js"],
      environment: { PORT: "3000" },
    },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params, source) {
    const { directory, name } = params;
    const file = (ending: string) => `${directory}/${name}.${ending}`;
    const kept = keptPath(keepFolder(params.keep, directory), source.runbook, file("start"));
    const isRunning = quoteCommand(["is_running", file("pid")]);
    const stop = quoteCommand(["stop", file("pid")]);
    const start = quoteCommand(["start", file("start"), file("log"), file("pid")]);
    return {
      run: {
        script: `${KEEP_FUNCTION}${PROCESS_FUNCTIONS}${STOP_FUNCTION}${START_FUNCTION}
${quoteCommand(["mkdir", "-p", directory])}
${quoteCommand(["keep", file("start"), kept])}
${writeStartScript(params, file("start"))}${stop}
${start}
`,
        timeout: "1m",
      },
      check: {
        // A process that cannot have its port is there for a moment before it ends.
        script: `${PROCESS_FUNCTIONS}${isRunning}\nsleep 3\n${isRunning}\n`,
        attempts: 3,
      },
      rollback: {
        script: `${PUT_BACK_FUNCTION}${FORGET_FUNCTION}${PROCESS_FUNCTIONS}${STOP_FUNCTION}${START_FUNCTION}
${quoteCommand(["tail", "-n", "100", file("log")])} || true
${stop}
${putBackLines(keepFolder(params.keep, directory), source.runbook, params.restore)}${quoteCommand(["put_back", file("start"), kept])}
${quoteCommand(["forget", kept])}
if ${quoteCommand(["test", "-f", file("start")])}; then ${start}; fi
`,
        timeout: "1m",
      },
    };
  },
});

function writeStartScript(params: Parameters, path: string): string {
  const names = Object.keys(params.environment).sort();
  const assignments = names.map((name) => `${name}=${params.environment[name] ?? ""}`);
  const env = assignments.length > 0 ? ["env", ...assignments] : [];
  const lines = [
    quoteCommand(["cd", params.in ?? `${params.directory}/current`]),
    quoteCommand(["exec", ...env, ...params.command]),
  ];
  const target = quoteCommand([path]);
  return `cat >${target} <<'VIBEOPS_START'\n${lines.join("\n")}\nVIBEOPS_START\n`;
}

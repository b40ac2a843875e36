import * as z from "zod/mini";
import { Exit, VibeopsError } from "../../errors.ts";
import { runProcessGroup } from "../../platform/attended-process.ts";
import { MINUTE_MS } from "../../platform/units-of-time.ts";
import type { Project } from "../../project/project.ts";
import { redactSecrets } from "../../text/secrets.ts";
import { markUntrusted } from "../untrusted.ts";
import { defineTool } from "./tool.ts";

const TIMEOUT_MS = 10 * MINUTE_MS;
const MAX_CHARACTERS = 30_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Variables that a command of the project needs; nothing that could open a door, such as keys and agents' sockets. */
const PASSED_ON = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME"];

/** The commands that vibeops.yaml names, and no others. */
export function runCommand({ config }: Project) {
  const names = Object.keys(config.commands);
  const listed = names.map((name) => `${name}: ${config.commands[name]}`).join("; ");
  return defineTool({
    name: "run_command",
    description: `Runs one of the commands that a person named in vibeops.yaml: ${listed || "there are none"}.`,
    input: z.strictObject({ name: z.string() }),
    readOnly: false,
    async run({ name }, { project, context, boundary, signal }) {
      const command = Object.hasOwn(project.config.commands, name)
        ? project.config.commands[name]
        : undefined;
      if (command === undefined) throw unknownCommand(name, names);
      const env = Object.fromEntries(PASSED_ON.map((key) => [key, context.env[key]]));
      const {
        exitCode,
        stdout,
        stderr,
        timedOut,
        signal: endedBy,
      } = await runProcessGroup("sh", ["-c", command], {
        cwd: project.root,
        env,
        timeoutMs: TIMEOUT_MS,
        signal,
        maxBuffer: MAX_BYTES,
      });
      signal?.throwIfAborted();
      const whole = redactSecrets(`${endOf(stdout)}\n${endOf(stderr)}`);
      const output = markUntrusted(boundary, `output of ${name}`, whole.slice(-MAX_CHARACTERS));
      const isCut = stdout.length + stderr.length > MAX_CHARACTERS;
      const said = timedOut
        ? `${name} was ended after ${TIMEOUT_MS / MINUTE_MS} minutes`
        : endedBy === null
          ? `${name} ended with ${exitCode}`
          : `${name} was ended by ${endedBy}`;
      return { text: `${said}\n${output}${isCut ? "\nthe beginning of the output was left out" : ""}`, said };
    },
  });
}

/** Whole lines, and more of them than are shown: no secret in them is cut. Gigabytes are not looked through. */
function endOf(output: string): string {
  if (output.length <= 10 * MAX_CHARACTERS) return output;
  const end = output.slice(-10 * MAX_CHARACTERS);
  return end.slice(end.indexOf("\n") + 1);
}

function unknownCommand(name: string, names: readonly string[]): VibeopsError {
  return new VibeopsError({
    code: "tool.command",
    exit: Exit.notFound,
    message: `vibeops.yaml names no command '${name}'`,
    fix: names.length === 0 ? "ask_human to name one under commands" : `one of: ${names.join(", ")}`,
  });
}

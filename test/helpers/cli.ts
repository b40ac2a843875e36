import { Readable, Writable } from "node:stream";
import { runCli } from "../../src/cli/program.ts";
import type { ExitCode } from "../../src/errors.ts";
import type { Context } from "../../src/platform/context.ts";

export interface CliResult {
  exit: ExitCode;
  stdout: string;
  stderr: string;
}

/** Runs a whole command line in this process, in a folder, without a terminal. */
export async function runIn(
  cwd: string,
  context: Context,
  argv: readonly string[],
  input = "",
): Promise<CliResult> {
  const out = collector();
  const err = collector();
  const exit = await runCli(argv, {
    cwd,
    context,
    stdin: Readable.from(input === "" ? [] : [input]),
    stdout: out.stream,
    stderr: err.stream,
    isInteractive: false,
    hasColour: false,
    columns: 100,
  });
  return { exit, stdout: out.text(), stderr: err.text() };
}

function collector(): { stream: Writable; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
}

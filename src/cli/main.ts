import { processIo } from "./io.ts";
import { runCli } from "./program.ts";

/** The program: sets the exit code and lets the event loop run dry. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await runCli(argv, processIo());
}

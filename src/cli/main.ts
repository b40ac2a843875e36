import { processIo } from "./io.ts";
import { runCli } from "./program.ts";

/**
 * The program: sets the exit code and lets the event loop run dry.
 *
 * @param threadScript what further threads run, where there is much to read
 */
export async function main(argv: readonly string[], threadScript?: string): Promise<void> {
  process.exitCode = await runCli(argv, processIo(threadScript));
}

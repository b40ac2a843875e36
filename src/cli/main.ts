import { Exit } from "../errors.ts";
import { isWritten, onUnwritten, processIo } from "./io.ts";
import { runCli } from "./program.ts";
import { renderUnwritten } from "./render-error.ts";

/**
 * The program: sets the exit code and ends. Where something is still under way, the event loop runs dry; otherwise it
 * ends at once, since a short command spends a tenth of its time on taking everything apart in order.
 *
 * @param threadScript what further threads run, where there is much to read
 */
export async function main(argv: readonly string[], threadScript?: string): Promise<void> {
  const io = processIo(threadScript);
  const exit = await runCli(argv, io);
  process.exitCode = exit;
  onUnwritten((error) => {
    io.stderr.write(`${renderUnwritten(error, exit)}\n`);
    if (exit === Exit.ok) process.exitCode = Exit.unexpected;
  });
  // A stream says in the next turn that it could not write.
  setImmediate(() => {
    if (isWritten() && isIdle()) process.exit();
  });
}

/** What our own input and output are, once they are opened. */
const STREAMS = ["PipeWrap", "TTYWrap"];

function isIdle(): boolean {
  return process.getActiveResourcesInfo().every((resource) => STREAMS.includes(resource));
}

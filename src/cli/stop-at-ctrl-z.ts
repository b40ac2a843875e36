import type { Interface } from "node:readline";
import type { Readable } from "node:stream";
import { ReadStream } from "node:tty";

/** What a program asked of the terminal beside raw mode. */
interface TerminalMode {
  start(): void;
  stop(): void;
}

/**
 * Ctrl-Z at a question, and `fg`, as a terminal does it: all that runs in the foreground stops, with `npx` that waits for
 * us; stopped alone, we would leave a person without a shell. Node.js stops itself alone, and leaves the input paused when
 * it goes on.
 */
export function stopAtCtrlZ(
  lines: Pick<Interface, "on" | "pause" | "prompt" | "resume">,
  stdin: Readable,
  mode?: TerminalMode,
): void {
  lines.on("SIGTSTP", () => {
    if (!(stdin instanceof ReadStream)) return;
    mode?.stop();
    lines.pause();
    stdin.setRawMode(false);
    // Returns when somebody lets us go on; at once where no shell is there that could.
    process.kill(0, "SIGTSTP");
    stdin.setRawMode(true);
    mode?.start();
    lines.resume();
    lines.prompt(true);
  });
}

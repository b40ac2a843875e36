import { closeSync, constants, openSync, readSync } from "node:fs";
import type { Interface } from "node:readline";
import type { Readable } from "node:stream";
import { ReadStream } from "node:tty";

/**
 * Leaves the terminal to the programs that are started meanwhile: ssh may ask there for a passphrase, of which nothing may
 * be read or shown here. Ctrl-C comes as a signal then, to those programs as well.
 *
 * @returns what takes it back; what was typed in between and nobody read is gone
 */
export function lendTerminal(lines: Interface, stdin: Readable, onInterrupt: () => void): () => void {
  if (!(stdin instanceof ReadStream)) return () => {};
  lines.pause();
  stdin.setRawMode(false);
  process.on("SIGINT", onInterrupt);
  return () => {
    stdin.setRawMode(true);
    process.off("SIGINT", onInterrupt);
    discardTyped();
    lines.resume();
  };
}

/** Node.js has no tcflush(3). */
function discardTyped(): void {
  const rest = Buffer.alloc(4096);
  try {
    const terminal = openSync("/dev/tty", constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      while (readSync(terminal, rest) > 0);
    } finally {
      closeSync(terminal);
    }
  } catch {
    // Nothing is left to read (EAGAIN), or there is no terminal any more.
  }
}

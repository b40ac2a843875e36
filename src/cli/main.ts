import { VERSION } from "./version.ts";

/** The program: sets the exit code and lets the event loop run dry. */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  // A reader that closes early (| head) is no error of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.stderr.write(`error: standard output cannot be written (${error.code})\n`);
    process.exitCode = 1;
  });
  process.stderr.on("error", () => undefined);
  const [{ runCli }, { processIo }] = await Promise.all([import("./program.ts"), import("./io.ts")]);
  process.exitCode = await runCli(argv, processIo());
}

/**
 * Calls `act` at the first Ctrl-C; a second one ends the program as if nobody listened. The listener stays in between:
 * were it gone by the first, what starts our child processes would take the signal for one that nobody handles, and end us.
 *
 * @returns what stops listening
 */
export function onInterrupt(act: () => void): () => void {
  let isAgain = false;
  const stop = () => void process.off("SIGINT", listener);
  const listener = () => {
    if (isAgain) {
      stop();
      process.kill(process.pid, "SIGINT");
    } else {
      isAgain = true;
      act();
    }
  };
  process.on("SIGINT", listener);
  return stop;
}

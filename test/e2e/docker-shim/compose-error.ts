/** What the person did not get, in the words of `docker compose`; ends the command with `exitCode`. */
export class ComposeError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Something that the real one does and this stand-in does not: never passed over in silence. */
export function notCarriedOut(what: string): ComposeError {
  return new ComposeError(`${what} is not carried out by this stand-in for docker compose`, 2);
}

/** What differs from run to run and is therefore passed in: environment, clock, chance. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): Date;
  randomBytes(count: number): Uint8Array;
  /** Lines at the end of each commit that say who made it, where that is no person: `Agent: sysadmin@infra`. */
  readonly trailers?: readonly string[] | undefined;
  /** Told of a commit that was made while no branch was checked out. */
  readonly onLooseCommit?: ((commit: LooseCommit) => void) | undefined;
}

/** A commit that no branch holds: the next checkout leaves it behind. */
export interface LooseCommit {
  readonly id: string;
  /** The work tree. */
  readonly top: string;
  /** Whether it was made in the middle of a rebase, and will be on a branch once that is finished. */
  readonly inRebase: boolean;
}

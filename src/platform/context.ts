/** What differs from run to run and is therefore passed in: environment, clock, chance. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): Date;
  randomBytes(count: number): Uint8Array;
  /** Lines at the end of each commit that say who made it, where that is no person: `Agent: sysadmin@infra`. */
  readonly trailers?: readonly string[] | undefined;
}

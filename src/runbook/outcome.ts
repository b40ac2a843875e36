/** What became of one command. Output is redacted and bounded, fit for a record. */
export interface Outcome {
  readonly outcome: "ok" | "failed" | "unknown" | "not-run";
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** `unlocked`: it did not run, since the walk's lock was on the host no more. */
  readonly ended?: "timeout" | "interrupt" | "lost" | "unlocked";
  readonly reported: "host" | "human";
  readonly deviation?: string;
  /** Standard output as it came, for `expect` and for what is captured; never recorded as it is. */
  readonly rawStdout: string;
}

/** What a person says of a command that they did not run. */
export const NOT_RUN: Outcome = {
  outcome: "not-run",
  exit: null,
  stdout: "",
  stderr: "",
  reported: "human",
  rawStdout: "",
};

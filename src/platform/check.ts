/** One thing that was examined: in order, or what is wrong with it, where, and what to do. */
export interface Check {
  /** Stable, `subject.problem`: `git.identity`. */
  name: string;
  /** An error keeps something from working or from being trusted; a warning is to be known. */
  status: "ok" | "warning" | "error";
  /** In one sentence; of what is in order a few words: `git 2.39.5`. May hold names that others chose. */
  what: string;
  file?: string | undefined;
  /** From 1. */
  line?: number | undefined;
  fix?: string | undefined;
  mend?: Mend;
}

/**
 * What puts it right, where that is safe: nothing that a person wrote is changed, it may be killed at any point, and
 * repeating it changes nothing.
 */
interface Mend {
  /** What will be done, for whoever says yes to it. */
  does: string;
  apply: () => void | Promise<void>;
}

export function ok(name: string, what: string): Check {
  return { name, status: "ok", what };
}

/** `local` is proven; `opaque` is everything that could not be proven. All but `local` are gated. */
export type Answer = "local" | "live" | "opaque" | "exfil";

/** Why one command is not local. `null` in its place means: proven local. */
export interface Verdict {
  answer: Exclude<Answer, "local">;
  /** One sentence for a person or an agent: which word decides, and why. */
  reason: string;
  word?: string;
  /** It sends to another machine, so that together with a secret it is exfiltration. */
  sends?: boolean;
}

const severity = { opaque: 1, live: 2, exfil: 3 };

export function worst(...verdicts: readonly (Verdict | null)[]): Verdict | null {
  let result: Verdict | null = null;
  for (const verdict of verdicts) {
    if (verdict && (!result || severity[verdict.answer] > severity[result.answer])) result = verdict;
  }
  return result;
}

export function live(reason: string, word?: string): Verdict {
  return { answer: "live", reason, sends: true, ...(word === undefined ? {} : { word }) };
}

export function opaque(reason: string, word?: string): Verdict {
  return { answer: "opaque", reason, ...(word === undefined ? {} : { word }) };
}

export function exfil(reason: string, word?: string): Verdict {
  return { answer: "exfil", reason, ...(word === undefined ? {} : { word }) };
}

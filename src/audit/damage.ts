import { VibeopsError } from "../errors.ts";
import type { Finding } from "../text/finding.ts";

/** Objects of git that cannot be read: what depends on them is not looked at, and that is said; the rest is. */
export class Damage {
  readonly #found = new Map<string, { error: VibeopsError; what: string[] }>();

  /** What was read; null where git cannot read it any more. Anything else that goes wrong is thrown on. */
  async spare<T>(what: string, reading: Promise<T>): Promise<T | null> {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof VibeopsError) || error.code !== "git.damaged") throw error;
      const known = this.#found.get(error.message);
      if (known === undefined) this.#found.set(error.message, { error, what: [what] });
      else known.what.push(what);
      return null;
    }
  }

  get findings(): Finding[] {
    return [...this.#found.values()].map(({ error: { message, file, fix }, what }) => ({
      rule: "audit.objects",
      level: "error",
      message: `${message}, so what git says of ${what.join(" and ")} could not be looked at`,
      ...(file === undefined ? {} : { file }),
      ...(fix === undefined ? {} : { fix }),
    }));
  }
}

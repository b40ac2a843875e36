import { Exit, VibeopsError } from "../errors.ts";

export interface FindOptions<T> {
  /** What a person may name the thing by. */
  keys: (candidate: T) => readonly string[];
  /** "memo", "runbook": for messages. */
  noun: string;
  /** Prefix of the error codes `<code>.missing` and `<code>.ambiguous`. */
  code: string;
  fix: string;
}

/**
 * The one candidate that has `part` in a key; a key that equals it wins over the rest.
 *
 * @throws VibeopsError `<code>.missing` (exit 3), `<code>.ambiguous` (exit 2)
 */
export function findUnique<T>(candidates: readonly T[], part: string, options: FindOptions<T>): T {
  const exact = candidates.filter((candidate) => options.keys(candidate).includes(part));
  const fitting =
    exact.length > 0 ? exact : candidates.filter((candidate) => holdsPart(options.keys(candidate), part));
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined || part === "") {
    throw new VibeopsError({
      code: `${options.code}.missing`,
      exit: Exit.notFound,
      message: `no ${options.noun} has '${part}' in its id or name`,
      fix: options.fix,
    });
  }
  const names = fitting.map((candidate) => options.keys(candidate)[0]);
  throw new VibeopsError({
    code: `${options.code}.ambiguous`,
    exit: Exit.usage,
    message: `'${part}' fits ${names.length}: ${names.slice(0, 5).join(", ")}${names.length > 5 ? " …" : ""}`,
    fix: "give more of the id",
  });
}

function holdsPart(keys: readonly string[], part: string): boolean {
  return part !== "" && keys.some((key) => key.includes(part));
}

/**
 * A pattern that is compiled when it is first asked for. One with Unicode properties takes up to tens of milliseconds,
 * and a literal of it costs that as soon as its file is read; most text is ASCII and never needs it.
 */
export function lazyPattern(source: string, flags: string): () => RegExp {
  let pattern: RegExp | undefined;
  return () => {
    pattern ??= new RegExp(source, flags);
    return pattern;
  };
}

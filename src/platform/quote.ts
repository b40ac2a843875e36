/**
 * One argument for a POSIX shell, whatever is in it: plain words stay as they are, everything else goes into
 * single quotes, in which the shell obeys nothing (POSIX.1-2024, XCU 2.2.2).
 *
 * @throws RangeError for a NUL, which no argument can hold
 */
export function quoteWord(text: string): string {
  if (text.includes("\0")) throw new RangeError("an argument cannot hold a NUL character");
  if (/^[A-Za-z0-9_/:.,@%+-][A-Za-z0-9_/:.,@%+=-]*$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command line from its arguments. */
export function quoteCommand(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

/** `NAME='value'` lines, in the order of the names. Names must be valid variable names. */
export function quoteAssignments(variables: Readonly<Record<string, string>>): string {
  return Object.keys(variables)
    .sort()
    .map((name) => `${name}=${quoteAlways(variables[name] ?? "")}\n`)
    .join("");
}

/** As {@link quoteWord}, in quotes even where it needs none: a name or path in a command that a person is shown. */
export function quoteAlways(text: string): string {
  const quoted = quoteWord(text);
  return quoted.startsWith("'") ? quoted : `'${text}'`;
}

/** A letter for each label, taken from the label itself, and the label with that letter in parentheses. */
export function assignKeys(labels: readonly string[]): { key: string; text: string }[] {
  const taken = new Set<string>();
  return labels.map((label) => {
    const letters = [...label.matchAll(/[a-z]/gi)].map((match) => ({
      letter: match[0].toLowerCase(),
      at: match.index,
    }));
    const free = letters.find(({ letter }) => !taken.has(letter)) ?? {
      letter: String(taken.size + 1),
      at: -1,
    };
    taken.add(free.letter);
    const text =
      free.at < 0
        ? `(${free.letter}) ${label}`
        : `${label.slice(0, free.at)}(${label.slice(free.at, free.at + 1)})${label.slice(free.at + 1)}`;
    return { key: free.letter, text };
  });
}

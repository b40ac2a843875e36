/** One letter for one act, at every prompt: what a hand learns at one question must not do something else at the next. */
const KEYS: Readonly<Record<string, string>> = {
  run: "r",
  retry: "r",
  again: "r",
  check: "c",
  "roll-back": "b",
  skip: "k",
  leave: "l",
  value: "v",
  stop: "s",
  worked: "w",
  ran: "w",
  failed: "f",
  changed: "d",
  "not-run": "n",
  break: "x",
  yes: "y",
  no: "n",
};

/** The key of each choice, and its label with that key shown in it. */
export function assignKeys(
  choices: readonly { value: string; label: string }[],
): { key: string; text: string }[] {
  return choices.map(({ value, label }, i) => {
    const key = KEYS[value] ?? String(i + 1);
    const word = new RegExp(`\\b${key}|${key}`, "i").exec(label);
    if (word === null) return { key, text: `(${key}) ${label}` };
    return { key, text: `${label.slice(0, word.index)}(${key})${label.slice(word.index + 1)}` };
  });
}

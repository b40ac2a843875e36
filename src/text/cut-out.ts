/** A text without some of its parts, and where what is left stands in the whole. */
export interface CutText {
  readonly text: string;
  /** Of a span in the text without them, the one in the whole: it begins and ends with what is left. */
  place(start: number, end: number): { start: number; end: number };
}

/** @param parts in order, none over another */
export function cutOut(whole: string, parts: readonly RegExpExecArray[]): CutText {
  /** Where the parts were, in the text without them. */
  const cuts: number[] = [];
  /** How much was left out up to each of them. */
  const removed: number[] = [];
  let text = "";
  let position = 0;
  for (const { index, 0: gone } of parts) {
    text += whole.slice(position, index);
    position = index + gone.length;
    cuts.push(text.length);
    removed.push(position - text.length);
  }
  text += whole.slice(position);
  const removedAt = (at: number) => removed[countUpTo(cuts, at) - 1] ?? 0;
  return {
    text,
    place: (start, end) => ({ start: start + removedAt(start), end: end + removedAt(end - 1) }),
  };
}

/** How many of the numbers, which are in order, are not greater. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? limit) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

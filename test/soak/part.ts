/** One thing that the soak shows. */
export interface Part {
  name: string;
  /** What the figure proves, for whoever reads the table. */
  proves: string;
  /** Does it at full size and says what came out; throws where a promise does not hold. */
  run: (say: (line: string) => void) => Promise<string>;
}

/** For tables: 12345 as 12,345. */
export function figure(number: number): string {
  return number.toLocaleString("en-US");
}

/** Throws with all problems, the first ones in words. */
export function requireNone(problems: readonly string[]): void {
  if (problems.length > 0)
    throw new Error(`${problems.length} problems:\n${problems.slice(0, 20).join("\n")}`);
}

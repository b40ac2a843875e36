/** A line of a file in the scanned folder; line 0 is no line, as of a tag in git. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Something that a file of the repository says about how the service runs, and where it says so. */
export interface Fact<T> extends Place {
  readonly value: T;
  /** The word of that line which says it: `EXPOSE`, `ports`. */
  readonly word: string;
}

export function fact<T>(value: T, { file, line }: Place, word: string): Fact<T> {
  return { value, file, line, word };
}

/** `Dockerfile:12 EXPOSE`, and `git tag v1.2.0` for what stands on no line. */
export function sourceOf({ file, line, word }: Omit<Fact<unknown>, "value">): string {
  return line === 0 ? `${file} ${word}` : `${file}:${line} ${word}`;
}

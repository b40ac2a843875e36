import type { Place } from "../located/located.ts";

export type { Place } from "../located/located.ts";

/** Something that a file of the repository says about how the service runs, and where it says so. */
export interface Fact<T> {
  readonly value: T;
  readonly file: string;
  /** From 1; 0 where it stands on no line, as a tag in git. */
  readonly line: number;
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

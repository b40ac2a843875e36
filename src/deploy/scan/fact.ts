/** Something that a file of the repository says about how the service runs, and where it says so. */
export interface Fact<T> {
  value: T;
  /** `Dockerfile:12 EXPOSE` */
  source: string;
}

export function fact<T>(value: T, file: string, line: number, word: string): Fact<T> {
  return { value, source: `${file}:${line} ${word}` };
}

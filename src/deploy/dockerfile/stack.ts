/** The kinds of application that there is a Dockerfile for: templates/deploy/dockerfile/<kind>.Dockerfile. */
type StackKind = "node" | "python" | "go" | "rust" | "ruby" | "php" | "java" | "static";

/** What a repository's own files say of how it is built and started. What they do not say is null. */
export interface Stack {
  readonly kind: StackKind;
  /** The file that told its kind, for the reader: `package.json`. */
  readonly evidence: string;
  /** Of the language, exact enough for a tag: `20.19.5`, `3.12`. */
  readonly version: string | null;
  /** How the files put the version where it is no exact one: `>=20`. */
  readonly range: string | null;
  /** What starts it, argument by argument. */
  readonly command: readonly string[] | null;
  /** What the command takes its port by, where it does not read PORT. */
  readonly portOption: string | null;
  /** Files that the build copies before the rest, so that a change of the code does not fetch everything again. */
  readonly manifests: readonly string[];
  /** Commands of the build, in order, each a line for a shell. */
  readonly install: readonly string[];
  readonly build: readonly string[];
  /** What the build leaves, where the template needs its name: a binary, a jar. */
  readonly artifact: string | null;
  /** A second manifest that only builds what the service hands out: nothing here runs it. */
  readonly assets: string | null;
}

/** Reads one of the repository's own files; null where it is not there, or is no text. */
export type ReadFile = (name: string) => string | null;

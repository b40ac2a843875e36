import type { LocatedMap, Place } from "../located/located.ts";

/** A Compose project put together from its files, with `include` and `extends` followed. */
export interface ComposeProject {
  /** Its own, in the order in which they are laid over each other. */
  readonly files: readonly string[];
  /** Further ones that it includes. */
  readonly included: readonly string[];
  /** Each document of its own files as it is written. */
  readonly documents: readonly LocatedMap[];
  /** The same of the files that it includes. */
  readonly includedDocuments: readonly LocatedMap[];
  /** Its own files merged, with what it includes in `volumes`, `networks` and the like; services stand below. */
  readonly tree: LocatedMap;
  readonly services: ReadonlyMap<string, ComposeService>;
  /** What `.env` beside its first file sets. */
  readonly values: ReadonlyMap<string, string>;
  /** Profiles that `.env` turns on. */
  readonly profiles: ReadonlySet<string>;
  /** Whether all that it includes and extends could be read: only then is an unknown name an error. */
  readonly isComplete: boolean;
  readonly problems: readonly ComposeProblem[];
}

export interface ComposeService {
  readonly name: string;
  /** Of its name, in the first file that has it. */
  readonly place: Place;
  readonly body: LocatedMap;
  /** Whether a part of it could not be read: then nothing can be said about what is missing. */
  readonly isTorn: boolean;
  readonly isIncluded: boolean;
  /** The folder that relative paths count from, where they stand in one of `files`. */
  readonly folder: string;
  readonly files: readonly string[];
  /** What the environment file of its project sets. */
  readonly values: ReadonlyMap<string, string>;
}

/** Something in the files that keeps Compose, or a reader here, from following them. */
export interface ComposeProblem {
  readonly kind: ProblemKind;
  readonly level: "error" | "warning";
  readonly place: Place;
  readonly message: string;
  readonly fix: string;
}

export type ProblemKind =
  | "yaml"
  | "depth"
  | "keys"
  | "lines"
  | "size"
  | "compose"
  | "compose-size"
  | "empty"
  | "compose-version"
  | "extends"
  | "extends-cycle"
  | "include-cycle"
  | "missing"
  | "outside"
  | "remote"
  | "variable";

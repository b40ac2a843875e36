import { basename } from "node:path";
import type { ComposeFiles } from "../../compose-file/compose-files.ts";
import { loadProjectOf } from "../../compose-file/load-for-file.ts";
import { loadComposeProject } from "../../compose-file/load-project.ts";
import type {
  ComposeProblem,
  ProblemKind,
  ComposeProject as ReadProject,
} from "../../compose-file/project.ts";
import type { Reader } from "../reader.ts";
import type { Problem } from "../rule.ts";
import { Source } from "../source.ts";
import { composeFilesOf } from "./compose-files.ts";
import { Service } from "./service.ts";
import { type Entry, type Value, ValueReader } from "./value.ts";

/** The Compose project that a file belongs to, as rules see it. */
export interface ComposeProject {
  /** The file that is judged. */
  readonly source: Source;
  /** The project's own, in the order in which they are laid over each other, then those that it includes. */
  readonly sources: readonly Source[];
  /** Put together, the included ones among them. */
  readonly services: readonly Service[];
  /** Each document of these files as it is written, in their order. */
  readonly documents: readonly Value[];
  /** All of them merged. */
  readonly root: Value;
  /** Profiles that `.env` turns on. */
  readonly profiles: ReadonlySet<string>;
  /** Whether all that it includes and extends could be read: only then is an unknown name an error. */
  readonly isComplete: boolean;
  /** What keeps it from being read. */
  readonly syntax: readonly Problem[];
  /** What it names in other files and is not there. */
  readonly references: readonly Problem[];
  /** That a file holds nothing. */
  readonly empty: readonly Problem[];
  readonly reader: Reader;
}

const SYNTAX: readonly ProblemKind[] = ["yaml", "depth", "keys", "lines", "size", "compose-size"];
const REFERENCE: readonly ProblemKind[] = ["extends", "extends-cycle", "include-cycle", "missing", "outside"];

/** Reads the project of a Compose file. Never throws for what stands in its files. */
export function readComposeProject(source: Source, reader: Reader): ComposeProject {
  const files = filesAround(source, reader);
  const { project, isWhole } = loadProjectOf(source.path, files);
  return asRulesSee(project, isWhole, source, reader);
}

/** As {@link readComposeProject}, for a text that stands in no folder: no other file is read. */
export function readComposeText(source: Source, reader: Reader): ComposeProject {
  const files: ComposeFiles = { ...filesAround(source, reader), has: () => false, resolve: () => null };
  return asRulesSee(loadComposeProject([source.path], files), true, source, reader);
}

/** The files around one whose text is known already. */
function filesAround(source: Source, reader: Reader): ComposeFiles {
  const files = composeFilesOf(reader);
  return {
    ...files,
    has: (path) => path === source.path || files.has(path),
    read: (path) => (path === source.path ? { text: source.text } : files.read(path)),
  };
}

function asRulesSee(project: ReadProject, isWhole: boolean, source: Source, reader: Reader): ComposeProject {
  const sources = new Map([[source.path, source]]);
  const sourceOf = (file: string) => {
    const known = sources.get(file);
    if (known !== undefined) return known;
    const read = reader.read(file);
    const found = "source" in read ? read.source : new Source(file, "");
    sources.set(file, found);
    return found;
  };
  const values = new ValueReader(sourceOf, project.values);
  const valuesOf = readersByVariables(sourceOf, [project.values, values]);
  const problems = (kinds: readonly ProblemKind[]) =>
    project.problems.filter(({ kind }) => kinds.includes(kind)).map((one) => problemOf(one, values));
  return {
    source,
    sources: [...new Set([...project.files, ...project.included])].map(sourceOf),
    services: [...project.services.values()].map(
      ({ name, place, body, isTorn, values: own }) =>
        new Service(name, values.spotOf(place), valuesOf(own).read(body), isTorn || !isWhole),
    ),
    documents: [...project.documents, ...project.includedDocuments].map((document) => values.read(document)),
    root: values.read(project.tree),
    profiles: project.profiles,
    isComplete: isWhole && project.isComplete,
    syntax: problems(SYNTAX),
    references: problems(REFERENCE),
    empty: problems(["empty"]),
    reader,
  };
}

/** An included project has variables of its own. */
function readersByVariables(
  sourceOf: (file: string) => Source,
  known: readonly [ReadonlyMap<string, string>, ValueReader],
): (variables: ReadonlyMap<string, string>) => ValueReader {
  const readers = new Map([known]);
  return (variables) => {
    const reader = readers.get(variables) ?? new ValueReader(sourceOf, variables);
    readers.set(variables, reader);
    return reader;
  };
}

function problemOf({ place, message, fix }: ComposeProblem, values: ValueReader): Problem {
  return { spot: values.spotOf(place), message, fix };
}

/**
 * Files that the judged one only adds to: what is wrong in them is said when it is their turn.
 */
export function filesBelow({ source, sources }: ComposeProject): ReadonlySet<string> {
  const at = sources.findIndex(({ path }) => path === source.path);
  return new Set(sources.slice(0, Math.max(0, at)).map(({ path }) => path));
}

/** Whether the file is one that Compose would begin with. */
export function isMainFile({ source, sources }: ComposeProject): boolean {
  return sources[0]?.path === source.path && /^(?:docker-)?compose\.ya?ml$/.test(basename(source.path));
}

/** Services as each document writes them; what is no map of services has none. */
export function writtenServices({ documents }: ComposeProject): readonly Entry[] {
  return documents.flatMap((document) => document.get("services")?.entries() ?? []);
}

/** The entries of a top-level map over all files: the last one wins. */
export function topEntries(project: ComposeProject, key: string): readonly Entry[] {
  return project.root.get(key)?.entries() ?? [];
}

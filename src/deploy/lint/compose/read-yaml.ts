import { parseAllDocuments, type YAMLError } from "yaml";
import { VibeopsError } from "../../../errors.ts";
import { redactSecrets } from "../../../text/secrets.ts";
import { checkReceivedLimits } from "../../../text/yaml-limits.ts";
import type { Problem } from "../rule.ts";
import type { Source } from "../source.ts";
import { type Value, YamlTree } from "./yaml-value.ts";

export const MAX_CONFIGURATION_BYTES = 1024 * 1024;
const LIMITS = { maxBytes: MAX_CONFIGURATION_BYTES, maxLines: 20_000, maxKeys: 10_000, maxDepth: 48 };
/** A file that is no YAML at all has an error on each line: the first ones are enough. */
const MAX_ERRORS = 10;

export interface ReadYaml {
  /** One for each document; none where the text cannot be read. */
  readonly documents: readonly Value[];
  readonly problems: readonly Problem[];
}

/** YAML that anybody wrote, read within limits; whatever is wrong with it is a problem, never an exception. */
export function readUntrustedYaml(source: Source): ReadYaml {
  try {
    checkReceivedLimits(source.text, LIMITS);
    const parsed = parseAllDocuments(source.text, { prettyErrors: false, logLevel: "silent" });
    const documents = "empty" in parsed ? [] : parsed;
    const errors = documents.flatMap((document) => document.errors);
    if (errors.length > 0)
      return {
        documents: [],
        problems: errors.slice(0, MAX_ERRORS).map((error) => problemOf(error, source)),
      };
    return { documents: documents.map((document) => new YamlTree(source, document).root), problems: [] };
  } catch (error) {
    if (error instanceof VibeopsError) return { documents: [], problems: [limitProblem(error, source)] };
    if (!(error instanceof RangeError)) throw error;
    const problem = { spot: { source, offset: 0 }, message: "the YAML is nested too deeply to be read" };
    return { documents: [], problems: [{ ...problem, fix: "write it flatter" }] };
  }
}

function problemOf(error: YAMLError, source: Source): Problem {
  return {
    spot: { source, offset: error.pos[0] },
    message: `the YAML cannot be read: ${redactSecrets(error.message)}`,
    fix:
      error.code === "DUPLICATE_KEY"
        ? "keep one of the two"
        : "correct the YAML here; put quotes around values that hold : or #, and indent with spaces",
  };
}

function limitProblem(error: VibeopsError, source: Source): Problem {
  const lineStart = source.text.split("\n", (error.line ?? 1) - 1).join("\n").length;
  return {
    spot: { source, offset: error.line === undefined || error.line === 1 ? 0 : lineStart + 1 },
    message: error.message,
    fix: "split the file; nobody can review one that is so large or so deep",
  };
}

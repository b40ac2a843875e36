import { Exit, VibeopsError } from "../../errors.ts";
import { lineAt } from "../../text/lines.ts";
import type { Located } from "../located/located.ts";
import { readYamlDocuments } from "../located/read-yaml.ts";

/**
 * A JSON file, each value with its line: JSON is YAML, and read as such once JSON's own parser has accepted it.
 *
 * @throws VibeopsError `scan.json` with the line; as readYamlDocuments
 */
export function readJson(text: string, file: string): Located | undefined {
  const source = text.replace(/^\uFEFF/, "");
  try {
    JSON.parse(source);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
    throw new VibeopsError({
      code: "scan.json",
      exit: Exit.invalid,
      message: "this is no valid JSON",
      file,
      line: lineAt(source, findError(source, error.message)),
      fix: "correct that line; nothing of this file was used",
    });
  }
  return readYamlDocuments(source, file)[0];
}

/** V8 names the position, or quotes the ten characters before the place and those behind it. */
function findError(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const quoted = /^Unexpected token .*?, (?:\.\.\.)?"([\s\S]*)"(?:\.\.\.)? is not valid JSON$/.exec(
    message,
  )?.[1];
  const start = quoted === undefined ? -1 : text.indexOf(quoted);
  if (quoted === undefined || start === -1) return text.length;
  return start + Math.min(quoted.length, start === 0 ? quoted.length : 10);
}

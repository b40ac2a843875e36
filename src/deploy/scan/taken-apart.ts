import { lineAt } from "../../text/lines.ts";
import { blankComments } from "./blank-comments.ts";
import { type Fact, fact } from "./fact.ts";
import type { FoundVariable } from "./facts.ts";
import type { CodeLine } from "./search-code.ts";

const NAMES = String.raw`\{([^{}]{1,4000})\}`;
const TYPE = String.raw`(?:\s*:\s*[\w.<>, ]{1,80})?`;
/** `const { PORT, HOST: host = "x" } = process.env` */
const TAKEN = String.raw`(?:const|let|var)\s*${NAMES}${TYPE}\s*=\s*`;
/** `import { STRIPE_KEY } from "$env/static/private"`: SvelteKit takes it from the environment of the build. */
const IMPORTED = String.raw`\bimport\s*${NAMES}\s*from\s*`;

const SOURCES = [
  { before: TAKEN, source: String.raw`(process\.env|import\.meta\.env)\b(?!\s*(?:\?\.|[.[]))` },
  { before: IMPORTED, source: String.raw`["'](\$env\/static\/(?:private|public))["']` },
].map(({ before, source }) => ({ end: new RegExp(`${before}$`, "d"), source: new RegExp(source, "g") }));

/** Nobody writes longer lists than that. */
const MOST_LINES = 100;
const MOST_CHARACTERS = 8_000;

/**
 * Variables that a line takes out of the environment by their names, each on the line on which it stands.
 *
 * @param readLines the lines of a file, for names that stand above
 */
export function readTakenApart(
  place: CodeLine,
  readLines: (file: string) => readonly string[],
): Fact<FoundVariable>[] {
  return SOURCES.flatMap(({ end, source }) =>
    [...place.text.matchAll(source)].flatMap((match) => {
      const word = match[1] ?? "";
      const here = place.text.slice(0, match.index);
      const inLine = end.exec(here);
      if (inLine !== null) return listNames(inLine, here, place, place.line, word);
      // Where something else stands before it, nothing above belongs to it.
      if (!/^[^{]*\}[^{};]*$|^\s*(?:=|from)?\s*$/.test(here)) return [];
      const above = readAbove(readLines(place.file), place.line);
      const text = `${above}${here}`.slice(-MOST_CHARACTERS);
      const found = end.exec(text);
      return found === null ? [] : listNames(found, text, place, place.line, word);
    }),
  );
}

/** Where a list of names may begin, and where another one has ended. */
const BEGINS = /^\s*(?:export\s+)?(?:const|let|var|import)\b/;
const HAS_ENDED = /^\s*\}\s*(?:=|from)(?:\s|$)/;

/** The text from the nearest beginning up to a line, without its comments; empty where there is none. */
function readAbove(lines: readonly string[], line: number): string {
  const last = line - 1;
  for (let i = last - 1; i >= Math.max(0, last - MOST_LINES); i -= 1) {
    const text = lines[i] ?? "";
    if (HAS_ENDED.test(text)) return "";
    if (BEGINS.test(text))
      return blankComments(`${lines.slice(i, last).join("\n")}\n`.slice(-MOST_CHARACTERS));
  }
  return "";
}

/** @param lastLine the number of the text's last line */
function listNames(
  match: RegExpExecArray,
  text: string,
  { file }: CodeLine,
  lastLine: number,
  word: string,
): Fact<FoundVariable>[] {
  const start = match.indices?.[1]?.[0] ?? 0;
  const total = lineAt(text, text.length);
  let offset = start;
  return withoutValues(match[1] ?? "")
    .split(",")
    .flatMap((part) => {
      const at = offset + (part.length - part.trimStart().length);
      offset += part.length + 1;
      const name = /^\s*["']?([A-Za-z_][A-Za-z0-9_]*)["']?\s*(?:$|[:=]|as\s)/.exec(part)?.[1];
      if (name === undefined) return [];
      const line = lastLine - total + lineAt(text, at);
      return [
        fact<FoundVariable>({ name, ...(/=/.test(part) ? { required: false } : {}) }, { file, line }, word),
      ];
    });
}

/** A default may hold commas of its own. */
function withoutValues(names: string): string {
  return names
    .replace(/(?<==\s*)(?:"[^"\n]*"|'[^'\n]*'|`[^`]*`)/g, (value) => "x".repeat(value.length))
    .replace(/\([^()]*\)|\[[^[\]]*\]/g, (value) => "x".repeat(value.length));
}

import { posix } from "node:path";
import type { Stdin, World } from "./call.ts";
import { judgeCommand } from "./command.ts";
import { judgeGiven } from "./environment.ts";
import type { GuardFacts } from "./facts.ts";
import { hasMarker, showMarkers, UNKNOWN } from "./markers.ts";
import { enterFolder, isWithin, refuseNamed, refuseOnDisk, refuseWrite, virtualRoot } from "./paths.ts";
import type { Folder, Scope } from "./scope.ts";
import { opaque, type Verdict, worst } from "./verdict.ts";

/** What one classification shares over all scripts that are nested in it. */
export interface Shared {
  facts: GuardFacts;
  /** How much work is left, in words; what needs more is opaque. */
  budget: number;
  /** A secret was read somewhere. */
  secret: boolean;
  /** Something was sent to another machine. */
  sent: Verdict | null;
  /** Calls of functions so far. */
  calls: number;
  /** What `trap` runs later, in whichever folder the shell is then. */
  readonly traps: string[];
  /** What it writes itself: texts by absolute path, null among them where what is written is not known. */
  readonly written: Map<string, readonly (string | null)[]>;
  /** Commands that were judged so far. */
  commands: number;
}

/** The walk over one script, as far as what rules ask for depends on it. */
export interface Ground {
  shared: Shared;
  scope: Scope;
  /** What the command at hand reads. */
  stdin(): Stdin;
  /** False when nothing of the budget is left. */
  spend(amount: number): boolean;
  judgeNested(text: string, folder: Folder, stdin: Stdin, given?: readonly string[]): Verdict | null;
  judgeSubscript(text: string): Verdict;
}

const maxWrapped = 100;
const maxTexts = 8;

/** What the command itself wrote there, and what lay there before: which of them was last may hang on a branch. */
function readTexts(absolute: string | null, shared: Shared): readonly string[] | null | undefined {
  const own = absolute === null ? [null] : (shared.written.get(absolute) ?? []);
  if (absolute === null || own.includes(null) || own.length >= maxTexts) return null;
  const texts = own.filter((text) => text !== null);
  const { readText } = shared.facts;
  if (readText === undefined) return texts.length > 0 ? texts : undefined;
  if (texts.length === 0 && shared.written.has(UNKNOWN)) return null;
  const before = readText(absolute);
  if (before === null) return null;
  if (before !== undefined) return [...texts, before];
  // What ran before may have made it, unless nothing did.
  return texts.length > 0 || shared.commands === 0 ? texts : null;
}

/** What the rules may ask while one script is judged. */
export function makeWorld({ shared, scope, stdin, spend, judgeNested, judgeSubscript }: Ground): World {
  const { facts } = shared;
  const root = facts.projectRoot ?? virtualRoot;
  const judgeText = (
    text: string,
    folder: Folder,
    input: Stdin,
    given?: readonly string[],
  ): Verdict | null => {
    if (!text.includes(UNKNOWN)) {
      shared.budget -= text.length >> 3;
      return judgeNested(text, folder, input, given);
    }
    const verdict = opaque(
      "Part of the script that it runs is not known before it runs.",
      showMarkers(text).slice(0, 80),
    );
    return worst(verdict, judgeNested(text, folder, input));
  };
  const absoluteOf = (path: string) =>
    hasMarker(path) || scope.folder.path === null ? null : posix.resolve(scope.folder.path, path);
  const noteWritten = (path: string, text: string | null): void => {
    const absolute = absoluteOf(path) ?? UNKNOWN;
    const before = shared.written.get(absolute) ?? [];
    // Where the shell opens a file for a text that is known, that was noted as a write just before.
    const known = text !== null && before.at(-1) === null ? before.slice(0, -1) : before;
    if (before.length < maxTexts) shared.written.set(absolute, [...known, text]);
  };
  let wrapped = 0;
  const world: World = {
    facts,
    judgeWords: (words, input) => {
      if (!spend(words.length) || wrapped > maxWrapped) return opaque("It is too long to be judged.");
      wrapped += 1;
      const verdict = judgeCommand(words, input, world, new Map());
      wrapped -= 1;
      return verdict;
    },
    judgeScript: (text, input, given) => judgeText(text, { path: scope.folder.path }, input, given),
    judgeHere: (text) => judgeText(text, scope.folder, stdin()),
    judgeLater: (text) => {
      shared.traps.push(text);
      return judgeText(text, scope.folder, stdin());
    },
    judgeSubscript,
    judgeWrite: (path) => {
      noteWritten(path, null);
      const reason =
        refuseWrite(path, scope.folder.path, root) ?? refuseOnDisk(path, scope.folder.path, facts);
      return reason === null ? null : opaque(`It writes "${showMarkers(path)}", but ${reason}.`, path);
    },
    judgeNamed: (word) => {
      const reason = refuseNamed(word, scope.folder.path, root);
      return reason === null ? null : opaque(`It may write "${showMarkers(word)}", but ${reason}.`, word);
    },
    noteWritten,
    textsIn: (path) => readTexts(absoluteOf(path), shared),
    judgeAssignment: (name, value) => judgeGiven(name, value, world),
    isInProject: () => isWithin(scope.folder.path, root),
    changeFolder: (path) => {
      scope.folder.path = path === null ? null : enterFolder(scope.folder.path, path);
      // Judged once more, without being noted again.
      return worst(...shared.traps.map((text) => judgeText(text, scope.folder, stdin())));
    },
    noteSecret: () => {
      shared.secret = true;
    },
  };
  return world;
}

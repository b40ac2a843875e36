import type { Stdin, World } from "./call.ts";
import { judgeCommand } from "./command.ts";
import { judgeGiven } from "./environment.ts";
import type { GuardFacts } from "./facts.ts";
import { showMarkers, UNKNOWN } from "./markers.ts";
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
    judgeSubscript,
    judgeWrite: (path) => {
      const reason =
        refuseWrite(path, scope.folder.path, root) ?? refuseOnDisk(path, scope.folder.path, facts);
      return reason === null ? null : opaque(`It writes "${showMarkers(path)}", but ${reason}.`, path);
    },
    judgeNamed: (word) => {
      const reason = refuseNamed(word, scope.folder.path, root);
      return reason === null ? null : opaque(`It may write "${showMarkers(word)}", but ${reason}.`, word);
    },
    judgeAssignment: (name, value) => judgeGiven(name, value, world),
    isInProject: () => isWithin(scope.folder.path, root),
    changeFolder: (path) => {
      scope.folder.path = path === null ? null : enterFolder(scope.folder.path, path);
    },
    noteSecret: () => {
      shared.secret = true;
    },
  };
  return world;
}

import type { SyntaxNode } from "unbash";
import type { Stdin } from "./call.ts";
import type { Expander } from "./expand.ts";
import { keepsArguments, maxCalls, type ShellFunction } from "./functions.ts";
import { hasMarker } from "./markers.ts";
import type { Folder, Scope } from "./scope.ts";
import { opaque, type Verdict } from "./verdict.ts";
import type { Shared } from "./world.ts";

/** The walk over the script that the functions stand in. */
interface Ground {
  shared: Shared;
  scope: Scope;
  expander: Expander;
  visit(body: SyntaxNode): void;
  report(verdict: Verdict): void;
  /** Visits what reads that input; what is wrong there is told of the line at hand. */
  visitFor(stdin: Stdin, visit: () => void): void;
}

/** The functions that a script defines: each is judged for every call, and once as it stands if there is none. */
export class FunctionCalls {
  readonly #ground: Ground;
  readonly #defined: ShellFunction[] = [];

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** `text` is that of the definition, null where it is not at hand. */
  define(name: string, body: SyntaxNode, text: string | null): void {
    const { scope } = this.#ground;
    const added: ShellFunction = {
      body,
      folder: scope.folder.path,
      keepsArguments: text !== null && keepsArguments(text),
      isCalled: false,
      active: 0,
      judgeCall: (given, folder, stdin) => this.#visitCall(added, given, folder, stdin),
    };
    this.#defined.push(added);
    scope.addFunction(name, added);
  }

  /** Those that nobody is seen to call: as they stand, with no argument known. */
  visitUncalled(): void {
    const { scope, expander, visit } = this.#ground;
    for (const { isCalled, body, folder } of this.#defined) {
      if (isCalled) continue;
      scope.isolate(() => {
        scope.folder.path = folder;
        expander.inCall(null, false, () => visit(body));
      });
    }
  }

  #visitCall(called: ShellFunction, given: readonly string[], folder: Folder, stdin: Stdin): void {
    const { shared, scope, expander, visit, visitFor, report } = this.#ground;
    called.isCalled = true;
    // In a call of itself its arguments can be any; a third level would say no more than that.
    if (called.active > 1) return;
    shared.calls += 1;
    if (shared.calls > maxCalls) {
      report(opaque("It is too long to be judged."));
      return;
    }
    const isKnown = called.active === 0 && called.keepsArguments && !given.some(hasMarker);
    const outer = scope.folder.path;
    scope.folder.path = folder.path;
    called.active += 1;
    visitFor(stdin, () =>
      expander.inCall(isKnown ? given : null, true, () => scope.maybe(() => visit(called.body))),
    );
    called.active -= 1;
    folder.path = scope.folder.path;
    if (folder !== scope.folder) scope.folder.path = outer;
  }
}

import {
  argumentsAt,
  closeOf,
  type Effects,
  isName,
  isSign,
  openOf,
  plainText,
  type Token,
} from "./code-tokens.ts";
import { isArrow, type Loaded, namesOf, takeModules } from "./javascript-modules.ts";
import {
  callers,
  constants,
  functions,
  globals,
  isListed,
  keywords,
  made,
  methods,
  modules,
  refusedMembers,
  refusedNames,
  steersObjects,
  timers,
  unreadable,
  writers,
} from "./javascript-names.ts";
import { readJavaScriptTokens } from "./javascript-tokens.ts";
import { secretKind } from "./paths.ts";

/**
 * JavaScript that can be proven to compute, print, read files, and write those that it names. Names reach no further
 * than what is listed here, and a constructor of functions is in nobody's reach: no member of that name, and where a
 * member's name is computed, nothing that a program keeps is called. All else is opaque.
 */

interface Program extends Loaded {
  /** Names that the program gives. */
  own: ReadonlySet<string>;
  writes: string[];
}

export function proveJavaScript(code: string): Effects | null {
  const all = readJavaScriptTokens(code);
  if (all === null || all.some(({ kind, text }) => kind === "string" && isRefusedText(text))) return null;
  const read = takeModules(all);
  if (read === null) return null;
  const program: Program = { ...read, own: namesOf(read.tokens), writes: [] };
  const { tokens } = program;
  const isPlain = [...tokens.keys()].every((at) => judgeToken(program, at));
  if (!isPlain || (computesMembers(tokens) && !callsNothingKept(program))) return null;
  return { writes: program.writes };
}

function isRefusedText(text: string): boolean {
  return unreadable.test(text) || secretKind(text) === "private";
}

function judgeToken(program: Program, at: number): boolean {
  const { tokens } = program;
  const token = tokens[at];
  if (isSign(token, "(") && isSign(tokens[at - 1], ")", "]", "?.")) return endsFunction(tokens, at - 1);
  if (token?.kind !== "name") return true;
  const before = tokens[at - 1];
  if (isSign(before, ".", "?.")) return judgeMember(program, at);
  const name = token.text;
  const isKey = isSign(tokens[at + 1], ":") && isSign(before, "{", ",");
  if (isKey) return !steersObjects.test(name) && !refusedMembers.test(name);
  if (keywords.has(name) || constants.has(name)) return true;
  const module = program.kept.get(name);
  if (module !== undefined)
    return isMemberOf(tokens, at, modules[module]) && judgeModuleCall(program, at + 2);
  if (program.taken.has(name)) return judgeModuleCall(program, at);
  if (isListed(name)) return judgeGlobal(tokens, at);
  return program.own.has(name) && !refusedMembers.test(name) && !refusedNames.test(name);
}

/** `(() => { … })`: what is called stands there. */
function endsFunction(tokens: readonly Token[], close: number): boolean {
  const open = isSign(tokens[close], ")") ? openOf(tokens, close) : null;
  return open !== null && isFunction(tokens.slice(open + 1, close));
}

function isMemberOf(tokens: readonly Token[], at: number, members: ReadonlySet<string> | undefined): boolean {
  return isSign(tokens[at + 1], ".") && members?.has(tokens[at + 2]?.text ?? "") === true;
}

/** A global of the language keeps its meaning: it is called, made, asked for a member, or handed to a method as it is. */
function judgeGlobal(tokens: readonly Token[], at: number): boolean {
  const name = tokens[at]?.text ?? "";
  const before = tokens[at - 1];
  const after = tokens[at + 1];
  if (isSign(after, ".")) return Object.hasOwn(globals, name) && isMemberOf(tokens, at, globals[name]);
  if (isName(before, "function", "class")) return false;
  if (isSign(after, "("))
    return isName(before, "new")
      ? made.has(name)
      : functions.has(name) || (timers.has(name) && tokens[at + 2]?.kind !== "string");
  const isHanded =
    isSign(before, "(") && isSign(after, ")") && isName(tokens[at - 2]) && isSign(tokens[at - 3], ".");
  return isHanded && functions.has(name) && !isSign(tokens[at + 2], "=>");
}

function judgeMember({ tokens, kept }: Program, at: number): boolean {
  const name = tokens[at]?.text ?? "";
  const owner = tokens[at - 2];
  if (refusedMembers.test(name)) return false;
  const isOwned = isName(owner) && !isSign(tokens[at - 3], ".", "?.");
  if (isOwned && kept.has(owner.text)) return true;
  if (isOwned && Object.hasOwn(globals, owner.text)) {
    const isStream = /^std(in|out)$/.test(name);
    return isGiven(tokens, at) ? name === "exitCode" : !isStream || isSign(tokens[at + 1], ".");
  }
  // Giving an object a method of that name would change what a call of it does.
  if (isGiven(tokens, at)) return !methods.has(name) && !steersObjects.test(name);
  return !isSign(tokens[at + 1], "(") || methods.has(name);
}

/** What a module does to files: those that it writes are named there. */
function judgeModuleCall({ tokens, writes }: Program, at: number): boolean {
  const name = tokens[at]?.text ?? "";
  if (/^(sep|EOL)$/.test(name)) return !isSign(tokens[at + 1], "(");
  if (!isSign(tokens[at + 1], "(")) return false;
  if (!writers.has(name)) return true;
  const path = plainText(argumentsAt(tokens, at + 1)?.[0]);
  if (path !== null) writes.push(path);
  return path !== null;
}

/** `x[key]`, where the key is neither a number nor a text: it may name any member. */
function computesMembers(tokens: readonly Token[]): boolean {
  return tokens.some((token, at) => {
    if (!isSign(token, "[")) return false;
    const before = tokens[at - 1];
    const isMember =
      isSign(before, ")", "]", "?.", "}") ||
      before?.kind === "string" ||
      before?.kind === "number" ||
      (isName(before) &&
        !isName(before, "return", "of", "in", "const", "let", "var", "case", "typeof", "await"));
    const close = closeOf(tokens, at);
    const isKey = close !== null && isSign(tokens[close + 1], ":", "(");
    const isPlain = isSign(tokens[at + 2], "]") && ["number", "string"].includes(tokens[at + 1]?.kind ?? "");
    return isKey || (isMember && !isPlain);
  });
}

/** Nothing runs but functions that stand there where they are handed over, and the language's own. */
function callsNothingKept(program: Program): boolean {
  const { tokens } = program;
  return tokens.every((token, at) => {
    if (isSign(token, "]")) return !isGiven(tokens, at) || isSum(tokens, at + 2);
    const isText = token.kind === "string";
    if (!isText && !isName(token)) return true;
    const ends = isText ? [":"] : [":", ",", "}"];
    if (isSign(tokens[at - 1], "{", ",") && isSign(tokens[at + 1], ...ends) && givesMethod(token.text))
      return false;
    return isText || keywords.has(token.text) || judgeCalled(program, at);
  });
}

function isGiven(tokens: readonly Token[], at: number): boolean {
  return isSign(tokens[at + 1], "=", "??=", "||=", "&&=");
}

/** `(…) + 1`, and nothing more. */
function isSum(tokens: readonly Token[], at: number): boolean {
  const close = isSign(tokens[at], "(") ? closeOf(tokens, at) : null;
  if (close === null || !isSign(tokens[close + 1], "+")) return false;
  const end = tokens[close + 3];
  return tokens[close + 2]?.kind === "number" && (end === undefined || isSign(end, ";", ")", "}"));
}

function judgeCalled({ tokens, kept, taken }: Program, at: number): boolean {
  const name = tokens[at]?.text ?? "";
  const before = tokens[at - 1];
  const owner = tokens[at - 2];
  if (name === "fromEntries") return false;
  if (!isSign(tokens[at + 1], "(")) return !isSign(before, ".", "?.") || !isKnownFunction(tokens, at);
  if (!isSign(before, ".", "?.")) {
    if (isName(before, "new")) return made.has(name);
    if (taken.has(name)) return true;
    if (!functions.has(name) && !timers.has(name)) return false;
  }
  const isOfModule = isSign(before, ".") && isName(owner) && kept.has(owner.text);
  return isOfModule || !callers.has(name) || handsOverFunctions(tokens, at);
}

function givesMethod(name: string): boolean {
  return methods.has(name) || callers.has(name) || steersObjects.test(name);
}

/** Of an object of the language, or a method; what these are is not to be changed. */
function isKnownFunction(tokens: readonly Token[], at: number): boolean {
  const owner = tokens[at - 2];
  const isGlobal = isName(owner) && owner.text !== "process" && Object.hasOwn(globals, owner.text);
  return isGlobal || methods.has(tokens[at]?.text ?? "");
}

/** Where a method takes a function, there stands one, or something that is none. */
function handsOverFunctions(tokens: readonly Token[], at: number): boolean {
  const given = argumentsAt(tokens, at + 1);
  const isSecond = /^(stringify|parse|from|replace|replaceAll|on|once)$/.test(tokens[at]?.text ?? "");
  const taken = given?.slice(isSecond ? 1 : 0, tokens[at]?.text === "reduce" ? 1 : undefined);
  return taken?.every((part) => isFunction(part) || isNoFunction(part)) === true;
}

function isNoFunction([first, ...rest]: readonly Token[]): boolean {
  const isPlain = first?.kind === "string" || first?.kind === "number" || isName(first, "null", "undefined");
  return isPlain && rest.length === 0;
}

function isFunction(part: readonly Token[]): boolean {
  const start = isName(part[0], "async") ? 1 : 0;
  if (isName(part[start], "function")) return true;
  if (isName(part[start]) && isSign(part[start + 1], "=>")) return true;
  const isGlobal = part.length === 1 && isName(part[0]) && functions.has(part[0].text);
  return isGlobal || (isSign(part[start], "(") && isArrow(part, start));
}

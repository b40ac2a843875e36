import { argumentsAt, closeOf, isName, isSign, type Token } from "./code-tokens.ts";
import { isListed, modules } from "./javascript-names.ts";

/** A program without what loads modules. */
export interface Loaded {
  tokens: readonly Token[];
  /** Modules by the name that they are kept under, and functions that were taken out of one. */
  kept: ReadonlyMap<string, string>;
  taken: ReadonlyMap<string, string>;
}

/** Loads a module into a name, or into names of its members. */
const loading: readonly [RegExp, RegExp] = [
  /^(?:const|let|var) ([\w$]+|\{ [\w$ ,]+ \}) = require \( "(?:node:)?(\w+)" \)(?! \.)/,
  /^import ([\w$]+|\* as [\w$]+|\{ [\w$ ,]+ \}) from "(?:node:)?(\w+)"/,
];
/** The same within an expression; what a JSON file holds is data. */
const loadingHere = /^require \( "(?:(?:node:)?(\w+)|(\.{1,2}\/[\w./-]+\.json))" \)/;
const data: Token = { kind: "number", text: "0", whole: true };
const nothing: Token = { kind: "sign", text: ";", whole: true };

/** Takes out what loads modules; null when another one is loaded. */
export function takeModules(all: readonly Token[]): Loaded | null {
  const kept = new Map(["fs", "path", "os", "util", "crypto"].map((name) => [name, name]));
  const taken = new Map<string, string>();
  const tokens: Token[] = [];
  for (let at = 0; at < all.length; at += 1) {
    const text = textFrom(all, at);
    const [found, names = "", module = ""] = loading[0].exec(text) ?? loading[1].exec(text) ?? [];
    if (found !== undefined && !noteModule(names, module, kept, taken)) return null;
    const step =
      found === undefined ? readHere(all[at] ?? nothing, text) : { token: nothing, length: count(found) };
    if (step === null) return null;
    tokens.push(step.token);
    at += step.length - 1;
  }
  return { tokens, kept, taken };
}

function count(words: string): number {
  return words.split(" ").length;
}

/** `require("fs")` within an expression becomes the module's name; null for another module. */
function readHere(token: Token, text: string): { token: Token; length: number } | null {
  const here = loadingHere.exec(text);
  if (here === null) return { token, length: 1 };
  const [, name, file] = here;
  if (file !== undefined) return { token: data, length: 4 };
  return name !== undefined && Object.hasOwn(modules, name)
    ? { token: { kind: "name", text: name, whole: true }, length: 4 }
    : null;
}

/** The next tokens, a space between them. */
function textFrom(all: readonly Token[], at: number): string {
  const isStart = isName(all[at], "const", "let", "var", "import", "require");
  const next = isStart ? all.slice(at, at + 24) : [];
  return next.map(({ kind, text }) => (kind === "string" ? `"${text}"` : text)).join(" ");
}

function noteModule(
  names: string,
  module: string,
  kept: Map<string, string>,
  taken: Map<string, string>,
): boolean {
  const members = Object.hasOwn(modules, module) ? modules[module] : undefined;
  const alone = /^(?:\* as )?([A-Za-z_$][\w$]*)$/.exec(names)?.[1];
  if (members === undefined || names.includes('"')) return false;
  if (alone !== undefined) {
    const isOther = (kept.has(alone) && kept.get(alone) !== module) || isListed(alone);
    kept.set(alone, module);
    return !isOther;
  }
  const listed = /^\{ ([\w ,]+?)(?: ,)? \}$/.exec(names)?.[1]?.split(" , ") ?? [];
  for (const name of listed) taken.set(name, module);
  return listed.length > 0 && listed.every((name) => members.has(name));
}

/** Behind `const`, in the brackets of a function, before `=>`: names that mean what the program gives them. */
export function namesOf(tokens: readonly Token[]): ReadonlySet<string> {
  const places = [...tokens.keys()];
  const single = places
    .filter((at) => isName(tokens[at]) && isGivenAlone(tokens, at))
    .map((at) => tokens[at]);
  const listed = places
    .filter((at) => opensNames(tokens, at))
    .flatMap((at) => (argumentsAt(tokens, at) ?? []).flat());
  return new Set([...single, ...listed].flatMap((token) => (isName(token) ? [token.text] : [])));
}

function isGivenAlone(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  const isMember = isSign(before, ".", "?.");
  const isDeclared = isName(before, "const", "let", "var", "function");
  return (
    !isMember &&
    (isDeclared || isSign(tokens[at + 1], "=>") || (isSign(before, ",") && isSign(tokens[at + 1], "=")))
  );
}

/** A pattern behind `const`, or the parameters of a function. */
function opensNames(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  if (isSign(tokens[at], "{", "[")) return isName(before, "const", "let", "var");
  if (!isSign(tokens[at], "(")) return false;
  return isName(before, "function", "catch") || isName(tokens[at - 2], "function") || isArrow(tokens, at);
}

/** The bracket that opens there closes before `=>`. */
export function isArrow(tokens: readonly Token[], open: number): boolean {
  const close = closeOf(tokens, open);
  return close !== null && isSign(tokens[close + 1], "=>");
}

import { lazyPattern } from "./lazy-pattern.ts";
import { isPlaceholder } from "./placeholder.ts";

export interface SecretValue {
  kind: string;
  /** Of the value alone. */
  start: number;
  end: number;
}

const quoted = String.raw`"([^"\n]{1,256})"|'([^'\n]{1,256})'|([^\s"'\`]{1,256})`;

/** What a key's name says when its value is secret. Each begins with fixed letters, which keeps the search fast. */
const words = [
  "passw(?:or)?d|passwrd|passwort|passphrase|pwd|pass(?<=(?<![A-Za-z])pass|(?:db|ssh|user|root|admin|smtp|mail|sudo|ftp)pass)",
  "p(?:w|sk)(?<=(?<![A-Za-z])p(?:w|sk))|pat(?<=_pat)",
  "secret|token|credentials?",
  "(?:api|access|account|auth|private|encryption|signing|master|shared|license)[_-]?key",
  "kennwort|wachtwoord|contrasena|senha|mot de passe",
].join("|");
const [keyWord, anyKeyWord] = [words, `${words}|contraseña|пароль|密码|密碼|パスワード|비밀번호`].map(
  (choice) =>
    lazyPattern(
      String.raw`(${choice})([\w.-]{0,32})["'\]*\`]{0,3}([ \t]{0,8})(=>|:=|\?=|[=:：→])(?:\*\*)?([ \t]{0,8})`,
      "gi",
    ),
) as [() => RegExp, () => RegExp];

function keyWordFor(text: string): RegExp {
  return /[^\0-\x7f]/.test(text) ? anyKeyWord() : keyWord();
}

/** Where a value stands that is no longer on its key's line, or behind a tag. */
const detour = /(?:[|>][+-]?\d?[ \t]*|\\)?\r?\n[ \t]{1,40}|!!str[ \t]{1,8}/y;
/** After the word, these say that the value is about the secret. */
const aboutIt =
  /(?:file|path|dir|name|names|ur[li]|endpoint|host|port|user|count|limit|budget|size|len|length|bytes|type|kind|ttl|expir\w*|age|policy|rules?|version|field|header|ref|refs|source|store|provider|manager|env|var|prompt|hint|reset|required|min|max|enabled|disabled|rotation|class|arn|id|ids|created|updated|at|by|scope|scopes|format|mount|key_ref|authentication|auth_methods?|login|template|pattern|regex|check|generator|algorithm|method|scheme|strategy|encoder|encoding|iterations|rounds|cost)$/i;

/** Whether a variable's name says that its value is secret: `DB_PASSWORD`, but not `DB_PASSWORD_FILE` or `TOKEN_TTL`. */
export function isSecretName(name: string): boolean {
  return [...`${name}=`.matchAll(keyWord())].some((match) => isSecretKey(match));
}

/** Whether a key's name ends in the word or goes on to nothing but what the secret is made of. */
function isSecretKey([, word = "", rest = ""]: RegExpMatchArray): boolean {
  return !aboutIt.test(rest) && !isOtherWord(word, rest);
}

/** `passenger`, `tokenizer`, `PASSED`: the word goes on in the same case, and not to a `passcode` or `secretkey`. */
function isOtherWord(word: string, rest: string): boolean {
  const goesOn = (/[a-z]$/.test(word) && /^[a-z]/.test(rest)) || (/[A-Z]$/.test(word) && /^[A-Z]/.test(rest));
  return goesOn && !/^(?:s(?![a-z])|key|value|str|code|base|text|data|hash|word|phrase)/i.test(rest);
}

/** `PASSWORD=…`, `password: …`, `"apiKey": "…"`: the values, unless they are placeholders, references or prose. */
export function* findAssigned(text: string): Generator<SecretValue> {
  const key = keyWordFor(text);
  if (text.search(key) === -1) return;
  const reader = new RegExp(quoted, "y");
  let position = 0;
  for (const match of text.matchAll(key)) {
    // A word inside the value before is part of it.
    if (match.index < position || !isSecretKey(match) || isInResourceName(text, match.index)) continue;
    const after = match.index + match[0].length;
    const start = skipDetour(text, after, match[4] ?? "");
    reader.lastIndex = start;
    const found = reader.exec(text);
    const value =
      found === null ? null : readValue(text, match, found, text.slice(after, start).includes("\n"));
    if (found === null || value === null) continue;
    const valueStart = start + (found[3] === undefined ? 1 : 0);
    position = valueStart + value.length;
    yield { kind: "assigned-secret", start: valueStart, end: position };
  }
}

/** `arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-db`: where a secret is kept, not what it is. */
function isInResourceName(text: string, at: number): boolean {
  if (text[at - 1] !== ":") return false;
  const before = text.slice(Math.max(0, at - 220), at);
  const start = Math.max(...SEPARATORS.map((separator) => before.lastIndexOf(separator))) + 1;
  return /^(?:arn|urn|oci|crn):/i.test(before.slice(start));
}

const SEPARATORS = [..." \t\r\n\"'`(<=,"];

/** Past a block scalar's sign, a tag, or to the next line; an empty `PASSWORD=` ends with its own line. */
function skipDetour(text: string, at: number, sign: string): number {
  detour.lastIndex = at;
  const skipped = detour.exec(text)?.[0] ?? "";
  return sign === "=" && /^\r?\n/.test(skipped) ? at : at + skipped.length;
}

function readValue(
  text: string,
  key: RegExpMatchArray,
  found: RegExpExecArray,
  isBelow: boolean,
): string | null {
  const bare = found[3];
  const value = bare === undefined ? (found[1] ?? found[2] ?? "") : bare.replace(/[,;)}\]]{1,8}$/, "");
  if (isPlaceholder(value) || isCount(key[0], value)) return null;
  const end = found.index + found[0].length;
  if (isBelow) return isValueBelow(value) && standsAlone(text, end) ? value : null;
  if (bare !== undefined && !isBareSecret(text, key, value, end)) return null;
  return value;
}

/** On the line below a key, another key or a list may stand as well. */
function isValueBelow(value: string): boolean {
  return looksRandom(value) && !/^-|^[\w.-]+(?::|=[^=])/.test(value);
}

/**
 * A value without quotes: `PASSWORD=x` is an assignment; after `: ` or ` = ` it may be prose or code, so it must
 * look random, or, after a colon, be all that stands on the line.
 */
function isBareSecret(text: string, match: RegExpMatchArray, value: string, end: number): boolean {
  const [, , , before = "", sign = "", after = ""] = match;
  if (/^[[{|>&*:]/.test(value)) return false;
  const isColon = sign === ":" || sign === "：";
  // A comment, or the place in this page that a link definition names.
  if (isColon && after !== "" && value.startsWith("#")) return false;
  if (!isColon && before === "" && after === "") return true;
  return looksRandom(value) || (isColon && standsAlone(text, end));
}

/** A number of tokens is no token. */
function isCount(key: string, value: string): boolean {
  return /token/i.test(key) && /^[\d.,_]{1,12}(?:[kKmM]|ms|s)?$/.test(value);
}

/** Whether nothing but a comment follows on the line: `password: hunter2`, not `password: ask the owner`. */
function standsAlone(text: string, end: number): boolean {
  const rest = text.slice(end, end + 200).split("\n", 1)[0] ?? "";
  return /^[ \t]*(?:[,;)}\]|]|#|\/\/|\r?$)/.test(rest);
}

function looksRandom(value: string): boolean {
  if (value.length < 6) return false;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((pattern) => pattern.test(value)).length;
  return (/\d/.test(value) && /[A-Za-z]/.test(value)) || classes >= 3;
}

import { isPlaceholder } from "./placeholder.ts";

export interface SecretValue {
  kind: string;
  /** Of the value alone. */
  start: number;
  end: number;
}

const quoted = String.raw`"([^"\n]{1,256})"|'([^'\n]{1,256})'|([^\s"'\`]{1,256})`;

/** A key whose name says that its value is secret; looked for by that word, so that the search stays linear. */
const keyWord =
  /(?:passw(?:or)?d|passwrd|passphrase|(?<![A-Za-z])pass|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|auth[_-]?key|private[_-]?key|encryption[_-]?key|signing[_-]?key|master[_-]?key|shared[_-]?key|license[_-]?key|credentials?)([\w.-]{0,32})["'\]]{0,2}([ \t]{0,8})(=>|:=|\?=|[=:])([ \t]{0,8})/gi;
/** After the word, these say that the value is about the secret. */
const aboutIt =
  /(?:file|path|dir|name|names|ur[li]|endpoint|host|port|user|count|limit|budget|size|len|length|bytes|type|kind|ttl|expir\w*|age|policy|rules?|version|field|header|ref|refs|source|store|provider|manager|env|var|prompt|hint|reset|required|min|max|enabled|disabled|rotation|class|arn|id|ids|created|updated|at|by|scope|scopes|format|mount|key_ref|authentication|auth_methods?|login|template|pattern|regex|check|generator)$/i;

/** Whether a variable's name says that its value is secret: `DB_PASSWORD`, but not `DB_PASSWORD_FILE` or `TOKEN_TTL`. */
export function isSecretName(name: string): boolean {
  return [...`${name}=`.matchAll(keyWord)].some((match) => !aboutIt.test(match[1] ?? ""));
}

/** `PASSWORD=…`, `password: …`, `"apiKey": "…"`: the values, unless they are placeholders, references or prose. */
export function* findAssigned(text: string): Generator<SecretValue> {
  if (text.search(keyWord) === -1) return;
  const reader = new RegExp(quoted, "y");
  let position = 0;
  for (const match of text.matchAll(keyWord)) {
    // A word inside the value before is part of it.
    if (match.index < position) continue;
    reader.lastIndex = match.index + match[0].length;
    const found = reader.exec(text);
    const value = found === null || aboutIt.test(match[1] ?? "") ? null : readValue(text, match, found);
    if (value === null) continue;
    const start = reader.lastIndex - (found?.[0].length ?? 0) + (found?.[3] === undefined ? 1 : 0);
    position = start + value.length;
    yield { kind: "assigned-secret", start, end: position };
  }
}

function readValue(text: string, key: RegExpMatchArray, found: RegExpExecArray): string | null {
  const bare = found[3];
  const value = bare === undefined ? (found[1] ?? found[2] ?? "") : bare.replace(/[,;)}\]]{1,8}$/, "");
  if (isPlaceholder(value) || isCount(key[0], value)) return null;
  if (bare !== undefined && !isBareSecret(text, key, value, found.index + found[0].length)) return null;
  return value;
}

/**
 * A value without quotes: `PASSWORD=x` is an assignment; after `: ` or ` = ` it may be prose or code, so it must
 * look random, or, after a colon, be all that stands on the line.
 */
function isBareSecret(text: string, match: RegExpMatchArray, value: string, end: number): boolean {
  const [, , before = "", sign = "", after = ""] = match;
  if (/^[[{|>&*:]/.test(value)) return false;
  if (sign !== ":" && before === "" && after === "") return true;
  return looksRandom(value) || (sign === ":" && standsAlone(text, end));
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

const commandValue = String.raw`(?:"([^"\n]{1,512})"|'([^'\n]{1,512})'|([^\s"'\`|;&]{1,512}))`;

/** Where a command or a header takes a secret. The value is the first group that matched. */
const places: readonly { kind: string; pattern: RegExp }[] = [
  { kind: "sshpass", pattern: new RegExp(String.raw`\bsshpass[ \t]{1,8}-p[ \t]{0,8}${commandValue}`, "g") },
  {
    kind: "password-option",
    pattern: new RegExp(
      String.raw`(?<![\w-])--?(?:password|passwd|passphrase|pass|token|api-?key|secret|access-token|client-secret|auth-token|secret-key|secret-access-key)[ \t]{1,8}(?!-)${commandValue}`,
      "gi",
    ),
  },
  {
    kind: "mysql-password",
    pattern: new RegExp(String.raw`\bmysql\w{0,12}[ \t][^\n|;&]{0,200}?[ \t]-p${commandValue}`, "g"),
  },
  {
    kind: "redis-password",
    pattern: new RegExp(String.raw`\bredis-cli[ \t][^\n|;&]{0,200}?-a[ \t]{1,8}${commandValue}`, "g"),
  },
  {
    kind: "login-password",
    pattern: new RegExp(
      String.raw`\b(?:docker|podman|helm|oras|skopeo|az|oc)[ \t][^\n|;&]{0,80}?\blogin[ \t][^\n|;&]{0,200}?[ \t]-p[ \t]{1,8}${commandValue}`,
      "g",
    ),
  },
  { kind: "openssl-password", pattern: /\bpass:([^\s"'`]{3,256})/g },
  {
    kind: "sudo-password",
    pattern:
      /\becho[ \t]{1,8}(?:"([^"\n]{1,256})"|'([^'\n]{1,256})'|([^\s"'|]{1,256}))[ \t]{0,8}\|[ \t]{0,8}sudo[ \t][^\n]{0,20}?-S/g,
  },
  {
    kind: "basic-user",
    pattern:
      /\bcurl\b[^\n|;]{0,1000}?[ \t](?:-u[ \t]{0,8}|--(?:proxy-)?user[ \t=]{1,8})["']?[^\s:"']{1,128}:([^\s"']{1,256})/g,
  },
  {
    kind: "authorization-header",
    pattern:
      /\bauthorization["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?:(?:bearer|basic|token|apikey|digest|key)[ \t]{1,8}([A-Za-z0-9._~+/=:-]{6,2000})|(?=[A-Za-z._~+/:-]{0,200}\d)([A-Za-z0-9._~+/=:-]{12,2000}))/gi,
  },
  {
    kind: "secret-element",
    pattern: /<(?:password|passwd|secret|token|api-?key|passphrase)>([^<\s]{3,512})<\//gi,
  },
  {
    kind: "bearer-token",
    pattern: /\bbearer[ \t]{1,8}(?=[A-Za-z._~+/-]{0,200}\d)([A-Za-z0-9._~+/=-]{16,2000})/gi,
  },
  {
    kind: "session-cookie",
    pattern: /\bcookie:[^\n]{0,500}?(?:session|sid|token|auth)[\w-]{0,20}=([\w%.+/=-]{16,2000})/gi,
  },
  {
    kind: "connection-password",
    pattern:
      /(?<![A-Za-z0-9+.-])[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/@"'<>]{0,128}:([^\s/@"'<>]{1,256})@(?=[\w[${<])/gi,
  },
  {
    kind: "spoken-password",
    pattern:
      /\b(?:password|passphrase|passwd|pin|token|secret)[ \t]{1,4}(?:is|was|=)[ \t]{1,4}["'`]?(?=[^\s"'`]{0,60}\d)([^\s"'`]{6,128})/gi,
  },
];

/** Secrets that are arguments, header values, or part of a URL. */
export function* findPlaced(text: string): Generator<SecretValue> {
  for (const { kind, pattern } of places) {
    // To go through all that match, the pattern is made anew each time, and most texts hold none.
    if (text.search(pattern) === -1) continue;
    for (const match of text.matchAll(pattern)) {
      const value = match.slice(1).find((group) => group !== undefined) ?? "";
      const trimmed = value.replace(/[,;)}\]]{1,8}$/, "");
      if (isPlaceholder(trimmed)) continue;
      const start = match.index + match[0].lastIndexOf(value);
      yield { kind, start, end: start + trimmed.length };
    }
  }
}

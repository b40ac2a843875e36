import { lazyPattern } from "./lazy-pattern.ts";
import { LineIndex } from "./lines.ts";
import { isPlaceholder } from "./placeholder.ts";
import { findEncoded } from "./secret-encoded.ts";
import { findPlaced } from "./secret-places.ts";
import { findSplit } from "./secret-split.ts";
import { findStyled } from "./secret-styled.ts";
import { tokenPatterns } from "./secret-tokens.ts";
import { findAssigned, type SecretValue } from "./secret-values.ts";

export interface SecretHit {
  /** `github-token`, `private-key`, `assigned-secret` … */
  kind: string;
  /** From 1. */
  line: number;
  column: number;
  /** Enough to find it, too little to use it. */
  excerpt: string;
  /** Of the secret alone, in UTF-16 units. */
  start: number;
  end: number;
}

/**
 * Secrets in a text: tokens of known make, private keys, passwords that are assigned, passed as arguments or part of
 * an address. Placeholders, public keys, fingerprints, signatures, hashes and ids are none. Takes time linear in the text.
 */
export function findSecrets(text: string): SecretHit[] {
  const lines = new LineIndex(text);
  return withoutOverlaps(findAll(text)).map(({ kind, start, end }) => ({
    kind,
    start,
    end,
    ...lines.placeOf(start),
    excerpt: maskSecret(text.slice(start, end)),
  }));
}

function findAll(text: string): SecretValue[] {
  return [...findAsItStands(text), ...findStyled(text, findAsItStands)];
}

function findAsItStands(text: string): SecretValue[] {
  const plain = findPlain(text);
  const starts = new Set(plain.map(({ start }) => start));
  return [
    ...plain,
    ...findEncoded(text, (decoded) => findPlain(decoded).length > 0),
    // A token that ends with its line is not the longer for what begins the next.
    ...[...findSplit(text, findTokens)].filter(({ start }) => !starts.has(start)),
  ];
}

function findPlain(text: string): SecretValue[] {
  return [...findPrivateKeys(text), ...findTokens(text), ...findPlaced(text), ...findAssigned(text)];
}

/**
 * The text with every secret, and every one of `values` that has at least four characters, replaced.
 * For logs, records and what a model may see.
 */
export function redactSecrets(text: string, values: readonly string[] = []): string {
  let result = "";
  let position = 0;
  for (const { kind, start, end } of withoutOverlaps([...findAll(text), ...findValues(text, values)])) {
    result += `${text.slice(position, start)}[redacted ${kind}]`;
    position = end;
  }
  return result + text.slice(position);
}

/**
 * Whether any of them occurs. Most texts are short and hold none: one question costs less than to compile them all.
 * In a long one each is faster by itself, since its first characters say where to look.
 */
const anyToken = ["", "i"].map((flag) => {
  const patterns = tokenPatterns.filter(({ pattern }) => pattern.ignoreCase === (flag === "i"));
  return lazyPattern(patterns.map(({ pattern }) => pattern.source).join("|"), flag);
});

const longText = 10_000;

function* findTokens(text: string): Generator<SecretValue> {
  if (text.length < longText && !anyToken.some((pattern) => pattern().test(text))) return;
  for (const { kind, pattern, within = "" } of tokenPatterns) {
    if (!text.includes(within) || text.search(pattern) === -1) continue;
    for (const match of text.matchAll(pattern)) {
      if (isPlaceholder(match[0])) continue;
      yield { kind, start: match.index, end: match.index + match[0].length };
    }
  }
}

const maxKeyLength = 20_000;

const keyOpening =
  /-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|PuTTY-User-Key-File-\d|"kty"[^{}]{0,400}?"d"[ \t]*:[ \t]*"/g;

/** `Proc-Type: 4,ENCRYPTED` and the like, between the first line and the key. */
const keyHeaders = /^(?:[ \t>]*(?:\r?\n|\\r|\\n)|[ \t>]*[A-Z][A-Za-z-]{1,30}:[^\n]{0,200}\n){1,20}/;

/** PEM, OpenSSH, PGP, SSH2 and PuTTY: from the first line to the last, when there is key material in between. */
function* findPrivateKeys(text: string): Generator<SecretValue> {
  if (text.search(keyOpening) === -1) return;
  for (const match of text.matchAll(keyOpening)) {
    const block = text.slice(match.index, match.index + maxKeyLength);
    const rest = block.slice(match[0].length);
    const isPutty = match[0].startsWith("PuTTY");
    const headers = isPutty ? "" : (keyHeaders.exec(rest)?.[0] ?? "");
    const opening = match[0].length + headers.length;
    const inner = rest.slice(headers.length);
    const material = isPutty ? /[A-Za-z0-9+/=]{24}/ : /^[^-]{0,600}?[A-Za-z0-9+/_]{16}/;
    if (!material.test(inner.slice(0, 2_000))) continue;
    const closing = /-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|Private-MAC:[^\n]*/.exec(
      inner,
    );
    const length =
      closing === null ? /^[^-]{1,20000}/.exec(inner)?.[0].length : closing.index + closing[0].length;
    yield { kind: "private-key", start: match.index, end: match.index + opening + (length ?? 0) };
  }
}

function* findValues(text: string, values: readonly string[]): Generator<SecretValue> {
  for (const value of values) {
    if (value.length < 4) continue;
    for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length)) {
      yield { kind: "value", start: at, end: at + value.length };
    }
  }
}

/** In order; where two overlap, one that covers both and carries the first one's name. */
function withoutOverlaps(found: readonly SecretValue[]): SecretValue[] {
  const merged: SecretValue[] = [];
  for (const next of found.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last !== undefined && next.start < last.end) last.end = Math.max(last.end, next.end);
    else merged.push({ ...next });
  }
  return merged;
}

/** Enough of a secret to find it, too little to use it. */
export function maskSecret(secret: string): string {
  const shown = secret.length >= 16 ? 4 : secret.length >= 8 ? 1 : 0;
  return `${secret.slice(0, shown).replaceAll(/[^\x21-\x7e]/g, "?")}… (${secret.length} characters)`;
}

import type { SecretValue } from "./secret-values.ts";

/** Base64 on one line or wrapped; short runs are words. Without the upper bounds, megabytes of one letter break the matcher. */
const run =
  /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,3000000}(?:\\?\r?\n[ \t>]{0,40}[A-Za-z0-9+/_-]{4,1000}(?=[\s"'=\\]|$)){0,30000}={0,2}/g;

/** `user:password` in base64, as registries and package managers keep it. */
const login = /(?:\b_auth|"auth")[ \t]{0,8}[:=][ \t]{0,8}["']?([A-Za-z0-9+/]{8,2000}={0,2})/g;

/** Secrets in base64: an encoded login, and any run that decodes to a text in which `find` finds some. */
export function* findEncoded(text: string, find: (decoded: string) => boolean): Generator<SecretValue> {
  for (const match of text.matchAll(login)) {
    const value = match[1] ?? "";
    if (!/^[^\s:]{1,128}:\S{3,}$/.test(decode(value) ?? "")) continue;
    const end = match.index + match[0].length;
    yield { kind: "encoded-login", start: end - value.length, end };
  }
  for (const match of text.matchAll(run)) {
    const decoded = decode(match[0].replaceAll(/[\\\s>]+/g, ""));
    if (decoded !== null && find(decoded)) {
      yield { kind: "encoded-secret", start: match.index, end: match.index + match[0].length };
    }
  }
}

/** The text that was encoded; null for what is no text, which most runs of letters are at the first few bytes. */
function decode(encoded: string): string | null {
  const isText = (bytes: Buffer) =>
    bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127));
  if (!isText(Buffer.from(encoded.slice(0, 64), "base64"))) return null;
  const bytes = Buffer.from(encoded, "base64");
  if (!isText(bytes)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

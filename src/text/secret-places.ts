import { isPlaceholder } from "./placeholder.ts";
import { isSecretName, type SecretValue } from "./secret-values.ts";

const value = String.raw`(?:"([^"\n]{1,512})"|'([^'\n]{1,512})'|([^\s"'\`|;&]{1,512}))`;
const gap = String.raw`[ \t]{1,8}`;

/** An option of these programs whose value is a password, wherever it stands on the line. */
function passwordOption(programs: string, option: string): RegExp {
  return new RegExp(String.raw`\b(?:${programs})[ \t](?:[^\n|;&]{0,200}?[ \t])?${option}${value}`, "g");
}

/** Where a command or a header takes a secret. The value is the first group that matched. */
const places: readonly { kind: string; pattern: RegExp }[] = [
  { kind: "sshpass", pattern: new RegExp(String.raw`\bsshpass[ \t]{1,8}-p[ \t]{0,8}${value}`, "g") },
  {
    kind: "password-option",
    pattern: new RegExp(
      String.raw`(?<![\w-])--?(?:password|passwd|passphrase|pass|token|api-?key|secret|access-token|client-secret|auth-token|secret-key|secret-access-key)${gap}(?!-)${value}`,
      "gi",
    ),
  },
  // Joined to the option; with a space, the next word is a database or an archive.
  { kind: "mysql-password", pattern: passwordOption(String.raw`mysql\w{0,12}|mariadb\S{0,12}`, "-p") },
  { kind: "archive-password", pattern: passwordOption("7z[a-z]?|rar|unrar", "-p") },
  { kind: "archive-password", pattern: passwordOption("zip|unzip", `-P${gap}(?!-)`) },
  { kind: "redis-password", pattern: passwordOption("(?:redis|valkey)-cli", `-a${gap}`) },
  { kind: "database-password", pattern: passwordOption(String.raw`mongo\w{0,12}`, `-p${gap}(?!-)`) },
  { kind: "database-password", pattern: passwordOption("sqlcmd|bcp|isql", String.raw`-P[ \t]{0,8}(?!-)`) },
  { kind: "ldap-password", pattern: passwordOption(String.raw`ldap\w{2,12}`, `-w${gap}(?!-)`) },
  { kind: "account-password", pattern: passwordOption("useradd|usermod", `-p${gap}(?!-)`) },
  { kind: "account-password", pattern: passwordOption("xfreerdp3?|wlfreerdp", "/p:") },
  { kind: "account-password", pattern: passwordOption("nmcli", `password${gap}`) },
  {
    kind: "account-password",
    pattern: passwordOption("smbclient|smbget|rpcclient", String.raw`-U[ \t]{0,8}[^\s%"']{1,64}%`),
  },
  {
    kind: "account-password",
    pattern: passwordOption("rabbitmqctl", String.raw`(?:add_user|change_password)${gap}\S{1,128}${gap}`),
  },
  {
    kind: "account-password",
    pattern: passwordOption(
      "htpasswd",
      String.raw`-(?:\w{0,4}b\w{0,4}${gap}\S{1,256}|nb\w{0,4})${gap}\S{1,128}${gap}`,
    ),
  },
  {
    kind: "stored-secret",
    pattern: passwordOption("gh[ \\t]{1,8}secret[ \\t]{1,8}set", "(?:-b|--body)[ \\t=]{1,8}"),
  },
  {
    kind: "login-password",
    pattern: new RegExp(
      String.raw`\b(?:docker|podman|helm|oras|skopeo|az|oc)[ \t][^\n|;&]{0,80}?\blogin[ \t][^\n|;&]{0,200}?[ \t]-p[ \t]{1,8}${value}`,
      "g",
    ),
  },
  { kind: "openssl-password", pattern: /\bpass:([^\s"'`]{3,256})/g },
  {
    kind: "piped-password",
    pattern:
      /\becho[ \t]{1,8}(?:"([^"\n]{1,256})"|'([^'\n]{1,256})'|([^\s"'|]{1,256}))[ \t]{0,8}\|[ \t]{0,8}(?:sudo[ \t][^\n]{0,20}?-S|[^\n|;]{1,200}?--(?:password-stdin|with-token))/g,
  },
  {
    kind: "piped-password",
    pattern:
      /\becho[ \t]{1,8}["']?[^\s:"'|]{1,64}:([^\s"'|]{1,256})["']?[ \t]{0,8}\|[ \t]{0,8}(?:sudo[ \t]{1,8})?chpasswd/g,
  },
  {
    kind: "basic-user",
    pattern:
      /\bcurl\b[^\n|;]{0,1000}?[ \t](?:-u[ \t]{0,8}|--(?:proxy-)?user[ \t=]{1,8})["']?[^\s:"']{1,128}:([^\s"']{1,256})/g,
  },
  {
    kind: "authorization-header",
    pattern:
      /\bauthorization["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?:(?:bearer|basic|token|apikey|digest|key|ssws)[ \t]{1,8}([A-Za-z0-9._~+/=:-]{6,2000})|(?=[A-Za-z._~+/:-]{0,200}\d)([A-Za-z0-9._~+/=:-]{12,2000}))/gi,
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
    kind: "session-cookie",
    pattern:
      /[ \t](?:-b|--cookie)[ \t=]{1,4}["']?[^\s"']{0,60}?(?:session|sid|token|auth)[\w-]{0,20}=([\w%.+/=-]{16,2000})/gi,
  },
  {
    kind: "connection-password",
    pattern:
      /(?<![A-Za-z0-9+.-])[a-z][a-z0-9+.-]{1,30}:\/\/[^\s:/@"'<>]{0,128}:([^\s/@"'<>]{1,256})@(?=[\w[${<])/gi,
  },
  // A token in the user's place. The public keys of error trackers stand there too.
  {
    kind: "url-token",
    pattern:
      /https?:\/\/(?=[A-Za-z_-]{0,60}\d)(?=[\d_-]{0,60}[A-Za-z])([\w-]{20,255})@(?![^\s/]{0,80}sentry)(?=\w)/gi,
  },
  {
    kind: "spoken-password",
    pattern:
      /\b(?:password|passphrase|passwd|pin|token|secret)[ \t]{1,4}(?:is|was|=)[ \t]{1,4}["'`]?(?=[^\s"'`]{0,60}\d)([^\s"'`]{6,128})/gi,
  },
  {
    kind: "table-password",
    pattern:
      /\|[ \t*`]{0,8}[\w -]{0,32}(?:password|passwort|passwd|passphrase|secret|token|api[ _-]?key)[ \t*`]{0,8}\|[ \t`]{0,8}(?=[^\s|]{0,60}\d)(?=[^\s|]{0,60}[A-Za-z])([^\s|`]{8,256})[ \t`]{0,8}\|/gi,
  },
  {
    kind: "netrc-password",
    pattern: new RegExp(
      String.raw`\bmachine[ \t]{1,8}\S{1,255}\s{1,20}login[ \t]{1,8}\S{1,128}\s{1,20}password${gap}${value}`,
      "g",
    ),
  },
  {
    kind: "spoken-password",
    pattern: /\blogin[ \t]{1,8}\S{1,128}[ \t]{1,8}password[ \t]{1,8}(?=[^\s"'`]{0,60}\d)([^\s"'`]{6,128})/gi,
  },
  {
    kind: "pgpass-password",
    pattern:
      /^(?![\da-f]{1,4}:)(?:\*|[a-z][\w.-]{0,253}|\d{1,3}(?:\.\d{1,3}){3}):(?:\*|\d{4,5}):[\w*.-]{1,64}:[\w*.-]{1,64}:(?=[^\s:]{0,60}\d)(?=[^\s:]{0,60}[A-Za-z])([^\s:]{6,256})$/gim,
  },
  {
    kind: "sql-password",
    pattern:
      /\b(?:identified[ \t]{1,8}(?:with[ \t]{1,8}\S{1,64}[ \t]{1,8})?by|(?:user|role|login)[ \t][^\n;]{0,200}?\bpassword[ \t]{0,8}=?|set[ \t]{1,8}password\b[^\n;']{0,120}?=)[ \t]{0,8}(?:password\()?'([^'\n]{3,256})'/gi,
  },
  // Names that may belong to something public: their value has to look issued.
  {
    kind: "assigned-key",
    pattern:
      /(?<![A-Za-z])(?:app|application|admin|service|service[_-]role|subscription|webhook)[_-]?key["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?=[A-Za-z:_-]{0,60}\d)(?:base64:)?([\w+/=-]{16,512})/gi,
  },
];

/** Where a name and its value stand side by side without a sign: the name says whether the value is secret. */
const pairs: readonly RegExp[] = [
  new RegExp(
    String.raw`^[ \t]{0,40}(?:ENV|setx|set[ \t]{1,4}-\w{1,3})${gap}([\w.-]{1,64})${gap}${value}`,
    "gm",
  ),
  new RegExp(
    String.raw`\b(?:config|configure)[ \t]{1,8}(?:set[ \t]{1,8}|--\w{1,12}[ \t]{1,8}){0,3}([\w.:/-]{1,128})${gap}${value}`,
    "g",
  ),
  /\bdefine\([ \t]{0,8}["'](\w{1,64})["'][ \t]{0,8},[ \t]{0,8}["']([^"'\n]{1,256})["']/g,
  /\b(?:key|name)=["']([\w.:-]{1,64})["'][ \t]{1,8}value=["']([^"'\n]{1,256})["']/gi,
];

/** Secrets that are arguments, header values, or part of a URL. */
export function* findPlaced(text: string): Generator<SecretValue> {
  for (const { kind, pattern } of places) {
    // To go through all that match, the pattern is made anew each time, and most texts hold none.
    if (text.search(pattern) === -1) continue;
    for (const match of text.matchAll(pattern)) yield* valueIn(kind, match, match.slice(1));
  }
  for (const pattern of pairs) {
    if (text.search(pattern) === -1) continue;
    for (const match of text.matchAll(pattern)) {
      if (isSecretName(match[1] ?? "")) yield* valueIn("assigned-secret", match, match.slice(2));
    }
  }
}

function* valueIn(
  kind: string,
  match: RegExpExecArray,
  groups: readonly (string | undefined)[],
): Generator<SecretValue> {
  const found = groups.find((group) => group !== undefined) ?? "";
  const trimmed = found.replace(/[,;)}\]]{1,8}$/, "");
  if (isPlaceholder(trimmed)) return;
  const start = match.index + match[0].lastIndexOf(found);
  yield { kind, start, end: start + trimmed.length };
}

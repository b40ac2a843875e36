import { findSecrets } from "../../../text/secrets.ts";
import type { Problem, Rule } from "../rule.ts";
import type { Source } from "../source.ts";

export type CaddyRule = Rule<Source>;

interface Line {
  readonly words: readonly string[];
  readonly offset: number;
}

/** Lines of a Caddyfile in words, without comments. Quotes are taken off, which is enough for the rules below. */
function readLines({ text }: Source): Line[] {
  let offset = 0;
  return text.split("\n").map((line) => {
    const plain = line.replace(/(?:^|\s)#.*$/, "");
    const start = offset + (line.length - line.trimStart().length);
    offset += line.length + 1;
    return {
      words: plain
        .trim()
        .split(/\s+/)
        .map((word) => word.replaceAll(/["`]/g, "")),
      offset: start,
    };
  });
}

function* linesWith(
  source: Source,
  name: string,
): Generator<{ words: readonly string[]; spot: Problem["spot"] }> {
  for (const { words, offset } of readLines(source))
    if (words[0] === name) yield { words, spot: { source, offset } };
}

const admin: CaddyRule = {
  id: "caddy.admin",
  level: "error",
  summary: "Caddy's admin address is its own host",
  why: "Whoever reaches it changes the whole configuration without a password.",
  *check(source) {
    for (const { words, spot } of linesWith(source, "admin")) {
      const address = words[1] ?? "";
      if (!/^(?::\d+|0\.0\.0\.0(?::\d+)?|\[::\](?::\d+)?)$/.test(address)) continue;
      yield {
        spot,
        message: "the admin address answers the network",
        fix: "write admin localhost:2019, or admin off",
      };
    }
  },
};

const staging: CaddyRule = {
  id: "caddy.staging-ca",
  level: "warning",
  summary: "certificates come from an authority that browsers trust",
  why: "The staging authority is for a rehearsal; its certificates warn every visitor.",
  *check(source) {
    for (const { offset, words } of readLines(source))
      if (words.some((word) => /^https:\/\/acme-staging/.test(word)))
        yield {
          spot: { source, offset },
          message: "this asks the staging authority",
          fix: "delete the line once the rehearsal went well",
        };
  },
};

const onDemand: CaddyRule = {
  id: "caddy.on-demand",
  level: "error",
  summary: "certificates on demand ask somebody first",
  why: "Anybody who points a name here makes Caddy get a certificate for it otherwise, until the limits are reached.",
  *check(source) {
    const [first] = linesWith(source, "on_demand");
    const asks = readLines(source).some(({ words }) => words[0] === "ask" || words[0] === "permission");
    if (first !== undefined && !asks)
      yield {
        spot: first.spot,
        message: "certificates are got for every name that anybody asks for",
        fix: "add on_demand_tls { ask URL } to the global options",
      };
  },
};

const unverified: CaddyRule = {
  id: "caddy.tls-unverified",
  level: "warning",
  summary: "Caddy checks the certificate of what it asks",
  why: "Whoever stands between the two reads and changes everything otherwise.",
  *check(source) {
    for (const { spot } of linesWith(source, "tls_insecure_skip_verify"))
      yield {
        spot,
        message: "the certificate behind is not checked",
        fix: "write tls_trust_pool file PATH with its authority, or ask it over http on this host",
      };
  },
};

const noHttps: CaddyRule = {
  id: "caddy.auto-https",
  level: "warning",
  summary: "HTTPS stays on",
  why: "Without it passwords and cookies travel in the clear.",
  *check(source) {
    for (const { words, spot } of linesWith(source, "auto_https"))
      if (words[1] === "off") yield { spot, message: "HTTPS is off for every site", fix: "delete the line" };
  },
};

const secret: CaddyRule = {
  id: "caddy.literal-secret",
  level: "error",
  summary: "no secret stands in the file",
  why: "Whoever reads the repository or its history has it.",
  *check(source) {
    for (const { kind, excerpt, start } of findSecrets(source.text))
      yield {
        spot: { source, offset: start },
        message: `this looks like a secret (${kind}): ${excerpt}`,
        fix: "write {env.NAME} or {file.PATH}, and change the secret",
      };
  },
};

/** Rules over a Caddyfile's text; what Caddy itself says of it is in validate.ts. */
export const caddyRules: readonly CaddyRule[] = [admin, staging, onDemand, unverified, noHttps, secret];

import { isSecretName } from "../../../../text/secret-values.ts";
import { findSecrets, maskSecret } from "../../../../text/secrets.ts";
import { fillDefaults } from "../../../interpolate.ts";
import type { Problem } from "../../rule.ts";
import { passwordsInCommands } from "../command-passwords.ts";
import { type ComposeProject, topEntries } from "../project.ts";
import type { ComposeRule } from "../rule.ts";
import { readVariables, type Service } from "../service.ts";

const FIX =
  "put it into secrets: with a *_FILE variable, or into an env_file that no repository has; then change it";

export const literalSecret: ComposeRule = {
  id: "compose.literal-secret",
  level: "error",
  summary: "no secret stands in the file",
  why: "Whoever reads the repository, its history, or `docker inspect` has it.",
  *check(project) {
    const lines = new Set<string>();
    for (const problem of [
      ...project.services.flatMap(secretsOf),
      ...secretsWritten(project),
      ...tokensIn(project),
    ]) {
      const { source, offset } = problem.spot;
      const place = `${source.path}:${source.placeOf(offset).line}`;
      if (!lines.has(place)) yield problem;
      lines.add(place);
    }
  },
};

function secretsOf(service: Service): Problem[] {
  const all = [...readVariables(service, "environment"), ...readVariables(service, "build", "args")];
  const variables = all.flatMap(({ name, value, at }) => {
    const secret = value === undefined || !isSecretName(name) ? null : literalPart(value);
    return secret === null
      ? []
      : [
          {
            spot: at,
            message: `${name} of '${service.name}' is written out: ${maskSecret(secret)}`,
            fix: FIX,
          },
        ];
  });
  const passwords = passwordsInCommands(service).flatMap(({ value, spot, where }) => {
    const literal = literalPart(value);
    // What a shell in the container fills in.
    const secret = literal === null || /[$`]/.test(literal) ? null : literal;
    const message = `${where} of '${service.name}' holds a password: ${maskSecret(secret ?? "")}`;
    return secret === null ? [] : [{ spot, message, fix: FIX }];
  });
  return [...variables, ...passwords];
}

/** What of a value is no reference: all of it, or the default of a variable. */
function literalPart(value: string): string | null {
  const filled = fillDefaults(value);
  if (filled === null || filled.trim() === "") return null;
  const plain = filled.trim();
  // A switch, a number of seconds, a path to a file, or words in place of a value.
  if (/^(?:true|false|yes|no|on|off|none|null|\d{1,4}|<.*>|\/run\/secrets\/.*|\/[\w./-]+)$/i.test(plain))
    return null;
  return plain;
}

/** `secrets: { NAME: { content: … } }`, which people write because configs have it. */
function secretsWritten(project: ComposeProject): Problem[] {
  return topEntries(project, "secrets").flatMap(({ key, value }) => {
    const content = value.get("content");
    const secret = content === undefined ? null : literalPart(content.text);
    if (content === undefined || secret === null) return [];
    return [
      { spot: content, message: `the secret '${key}' is written out: ${maskSecret(secret)}`, fix: FIX },
    ];
  });
}

/** Tokens of known make, keys, and passwords in addresses, wherever they stand: in comments, too. */
function tokensIn({ sources }: ComposeProject): Problem[] {
  return sources.flatMap((source) =>
    findSecrets(source.text)
      .filter(({ kind }) => kind !== "assigned-secret")
      .map(({ kind, start, excerpt }) => ({
        spot: { source, offset: start },
        message: `this looks like a secret (${kind}): ${excerpt}`,
        fix: FIX,
      })),
  );
}

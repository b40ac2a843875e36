import { Exit, VibeopsError } from "../errors.ts";
import { findSecrets } from "./secrets.ts";

/**
 * What is committed is there for ever: a secret is refused before, with its place and no more of it.
 *
 * @param ending what was not done: `nothing was sent`
 * @throws VibeopsError with this code, exit 5
 */
export function refuseSecret(
  code: `${string}.secret`,
  text: string,
  placeOf: (line: number) => string,
  ending: string,
): void {
  const [secret] = findSecrets(text);
  if (secret === undefined) return;
  throw new VibeopsError({
    code,
    exit: Exit.refused,
    message: `${placeOf(secret.line)} looks like a secret (${secret.kind}): ${secret.excerpt}; ${ending}`,
    line: secret.line,
    fix: "say where it is kept instead of what it is, and consider it known to others: rotate it",
  });
}

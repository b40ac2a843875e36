import * as z from "zod/mini";
import { Exit, VibeopsError } from "../errors.ts";
import { decodeText } from "../text/decode.ts";
import { readYaml } from "../text/yaml-own.ts";

/** A rule in CEL over the facts of a runbook (see rule.ts). */
const expression = z.string().check(z.minLength(1), z.maxLength(2000));

const tier = z.enum(["read", "local", "staging", "live", "destructive"]);
/** Nothing live is ever delegated, so live is not a word here. */
const delegableTier = z.enum(["local", "staging"]);

const policySchema = z.strictObject({
  /** Its place is kept: a rule that stands there and is not evaluated must not look as if it were. */
  rules: z._default(
    z
      .array(z.unknown())
      .check(z.maxLength(0, { error: "an empty list: rules per step are not evaluated yet" })),
    [],
  ),
  delegate: z._default(
    z.array(
      z.strictObject({
        actions: z.array(z.string().check(z.minLength(1))).check(z.minLength(1)),
        hosts: z.array(delegableTier).check(z.minLength(1)),
      }),
    ),
    [],
  ),
  approval: z.prefault(
    z.strictObject({
      /** How many people must approve. */
      approvals: z._default(z.union([z.int().check(z.minimum(1), z.maximum(10)), expression]), 1),
      /** When the author may not be one of them: a rule, or the tiers for which it holds. */
      four_eyes: z._default(z.union([z.boolean(), z.array(tier).check(z.minLength(1)), expression]), false),
      /** The longest life of an approval. */
      expiry: z.optional(
        z.string().check(z.regex(/^[1-9]\d{0,4}[smh]$/, { error: "a length of time such as 30m or 24h" })),
      ),
    }),
    {},
  ),
});

/** What policy.yaml says. */
export type Policy = z.output<typeof policySchema>;

/** Without a file: one approval by anybody who may, and nothing delegated. */
export const DEFAULT_POLICY: Policy = policySchema.parse({});

/**
 * Reads policy.yaml; null bytes where there is none. A policy that cannot be read grants nothing: whoever asks gets
 * the error, and nothing is approved, run or delegated until it is mended.
 *
 * @throws VibeopsError `policy.unreadable` (exit 5) with file and line
 */
export function readPolicy(bytes: Uint8Array | null, file: string): Policy {
  return locatePolicy(bytes, file).policy;
}

/** What policy.yaml says, and where it says it. */
export interface LocatedPolicy {
  readonly policy: Policy;
  /** The line of a key; undefined where the file does not name it, and the default counts. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/** As {@link readPolicy}, with the place of each rule. */
export function locatePolicy(bytes: Uint8Array | null, file: string): LocatedPolicy {
  if (bytes === null) return { policy: DEFAULT_POLICY, lineOf: () => undefined };
  try {
    const { value, document, lineOf } = readYaml(decodeText(bytes, file), policySchema, file);
    return { policy: value, lineOf: (path) => (document.hasIn(path) ? lineOf(path) : undefined) };
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    const { line, fix, facts } = error;
    throw new VibeopsError({
      code: "policy.unreadable",
      exit: Exit.refused,
      message: `the policy cannot be read, so nothing is allowed: ${error.message}`,
      file,
      line,
      fix,
      facts,
      cause: error,
    });
  }
}

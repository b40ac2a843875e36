import type { GuardFacts } from "./facts.ts";
import { judgeHost } from "./hosts.ts";
import { findKnownPlace } from "./places.ts";

/** Arguments by which an allowed command would become another one. */
const harmlessExtra: Readonly<Record<string, RegExp>> = {
  make: /^(-j(?:\d*|\uE002)|-s|-k|-B|--silent|--keep-going|\d+)$/,
  npm: /^(--silent|-s|--if-present|--workspaces|-ws)$/,
  pnpm: /^(--silent|-s|--if-present|-r)$/,
  yarn: /^(--silent|-s)$/,
};

/** npm's other names for the verbs that start a script. */
const verbs: Readonly<Record<string, string>> = {
  t: "test",
  tst: "test",
  "run-script": "run",
  rum: "run",
  urn: "run",
};

/** A command that a person allowed, with arguments that leave it what it is. */
export function isAllowedScript(words: readonly string[], facts: GuardFacts): boolean {
  const [first = "", verb = "", ...rest] = words;
  const plain = first === "npm" && Object.hasOwn(verbs, verb) ? [first, verbs[verb] ?? verb, ...rest] : words;
  return (facts.scripts ?? []).some((script) => matches(plain, script.trim().split(/\s+/), facts));
}

function matches(words: readonly string[], script: readonly string[], facts: GuardFacts): boolean {
  const [program = ""] = script;
  const harmless = harmlessExtra[program];
  const given = harmless === undefined ? words : withoutHarmless(words, harmless, program !== "make");
  if (program === "" || script.some((word, index) => given[index] !== word)) return false;
  const extra = given.slice(script.length);
  if (findKnownPlace(extra, facts) !== undefined) return false;
  // A program of the project that is told to act on a host is not what was allowed.
  if (harmless === undefined) return !extra.some((word) => judgeHost(word, facts) === "known");
  if (program === "make") return extra.length === 0;
  const end = extra.indexOf("--");
  return extra.slice(0, end < 0 ? extra.length : end).every((word) => /^[^-\uE000]/.test(word));
}

/** What follows `--` is the script's own business. */
function withoutHarmless(words: readonly string[], harmless: RegExp, hasEnd: boolean): readonly string[] {
  const end = hasEnd ? words.indexOf("--") : -1;
  const own = end < 0 ? words : words.slice(0, end);
  return [...own.filter((word) => !harmless.test(word)), ...(end < 0 ? [] : words.slice(end))];
}

import { quoteWord } from "../platform/quote.ts";
import type { TemplateValues } from "../text/template.ts";
import { answerRoots } from "./answer-roots.ts";
import { expectedWords, listWantedChecks, proxiedHealthPath } from "./block-facts.ts";
import { codeSpan } from "./markdown-text.ts";
import type { Situation } from "./situation.ts";

/**
 * The checks over HTTP, for both targets: `local` on the loopback port, `public` through the first domain, and what
 * the memo wants verified. Without a health path a check can only see that something answers.
 */
export function answerChecks(situation: Situation): TemplateValues {
  const { block, settings } = situation;
  const { local, domain, site } = answerRoots(situation);
  const path = proxiedHealthPath(block, settings.port?.container);
  const words = path === undefined ? undefined : expectedWords(block, path);
  return {
    local: address(local, path, words),
    public: address(site, path, words),
    domain: domain ?? "",
    wanted: listWantedChecks(block, site ?? local).map(({ url, expect }) => ({
      url: flowText(url),
      expect: expectation(expect),
    })),
  };
}

function address(
  root: string | null,
  path: string | undefined,
  words: string | undefined,
): TemplateValues | false {
  if (root === null) return false;
  const health = path === undefined ? "" : flowText(`${root}${path}`);
  return { ...everywhere("root", `${root}/`), health, healthExpect: expectation(words) };
}

/** What follows the address in an `http.check`. */
function expectation(words: string | undefined): string {
  return words === undefined ? "" : `, expect: ${flowText(words)}`;
}

const PLAIN = /^[A-Za-z0-9/](?:[A-Za-z0-9_./@%+-]|:(?=[A-Za-z0-9/]))*$/;

/** A text in an action's YAML, where every plain word is text; a JSON string is a YAML string. */
export function flowText(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text);
}

/** One text for the three places of a runbook's template: `{{name}}` in prose, `{{name.yaml}}`, `{{name.sh}}`. */
export function everywhere<N extends string>(name: N, text: string): TemplateValues {
  return { [name]: codeSpan(text), [`${name}.yaml`]: flowText(text), [`${name}.sh`]: quoteWord(text) };
}

export function previousWords({ block }: Situation): string {
  return block.rollback?.to === undefined ? "what ran before" : codeSpan(block.rollback.to);
}

export function ownerWords({ block, place }: Situation): string {
  const owner = block.owner ?? place.entry?.owner;
  return owner === undefined ? "" : codeSpan(owner);
}

export function wayBackForData({ block }: Situation): string {
  return block.rollback?.data === undefined ? "" : codeSpan(block.rollback.data);
}

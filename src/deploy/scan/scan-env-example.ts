import type { EnvVariable } from "../../memo/deployment.ts";
import { type Fact, fact } from "./fact.ts";

/** The comment above decides `required`; without a word there, a variable that is named is needed. */
export type VariableFact = EnvVariable;

const SECRET_NAME =
  /(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|PRIVATE_KEY|API_KEY|ACCESS_KEY|_KEY$|_DSN$)/;

/** The variables that an example environment file names, with the comment above each; never a value. */
export function scanEnvExample(text: string, file: string): Fact<VariableFact>[] {
  const facts: Fact<VariableFact>[] = [];
  let comment: string[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const words = /^\s*#\s?(.*)$/.exec(line)?.[1];
    const name = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/.exec(line)?.[1];
    if (name !== undefined) facts.push(fact(describe(name, comment.join(" ").trim()), file, i + 1, name));
    comment = words === undefined ? [] : [...comment, words];
  }
  return facts;
}

function describe(name: string, comment: string): VariableFact {
  return {
    name,
    required: !/\boptional\b/i.test(comment),
    secret: SECRET_NAME.test(name),
    ...(comment === "" ? {} : { description: comment }),
  };
}

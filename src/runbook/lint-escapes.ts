import type { Finding } from "../text/finding.ts";
import { type FlagKind, findFlags } from "../text/flags.ts";
import type { Runbook } from "./runbook.ts";
import { headerPlace } from "./runbook-header.ts";

/** A character that the front matter holds by an escape of YAML: plain text in the file, and not in what it stands for. */
interface EscapedCharacter {
  readonly key: string;
  readonly kind: FlagKind | "line-break";
  readonly what: string;
}

const HIDDEN: readonly FlagKind[] = ["control", "bidi", "invisible"];

/** What nobody sees in the values of the front matter, which reach hosts, commits and screens. */
export function findEscaped({ title, memo, author, files, variables }: Runbook): EscapedCharacter[] {
  const lines = Object.entries({ title, memo: memo ?? "", author: author ?? "", files: files.join(" ") });
  const hidden = [...lines, ...Object.entries(variables)].flatMap(([key, value]) =>
    findFlags(value, "prose")
      .filter(({ kind }) => HIDDEN.includes(kind))
      .map(({ kind, what }) => ({ key, kind, what })),
  );
  const broken = lines.filter(([, value]) => /[\n\r]/.test(value));
  return [
    ...hidden,
    ...broken.map(([key]) => ({ key, kind: "line-break" as const, what: "a line break, and is one line" })),
  ];
}

/** They are errors: what people read is what is used. */
export function lintEscapes(runbook: Runbook): Finding[] {
  return findEscaped(runbook).map(({ key, kind, what }) => ({
    rule: `runbook.${kind}`,
    level: "error",
    message: `${key} in the front matter stands for a text that holds ${what}`,
    fix: "write it so that everybody sees what it is",
    ...headerPlace(runbook, Object.hasOwn(runbook.variables, key) ? "variables" : key),
  }));
}

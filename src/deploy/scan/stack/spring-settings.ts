import { entriesOf, itemsOf, type Located, scalarOf } from "../../located/located.ts";
import { readYamlDocuments } from "../../located/read-yaml.ts";
import { type Fact, fact } from "../fact.ts";
import type { Findings } from "../findings.ts";

/** Settings of Spring by their names without dashes and in small letters, since all spellings mean the same. */
export type SpringSettings = ReadonlyMap<string, Fact<string>>;

export function plainSetting(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/** What a file of properties or the first document of a YAML file sets. */
export function readSpringSettings(text: string, file: string, findings: Findings): SpringSettings {
  const facts = file.endsWith(".properties")
    ? readProperties(text, file)
    : readTree(readFirst(text, file, findings));
  return new Map(facts.map((found) => [plainSetting(found.word), found]));
}

function readProperties(text: string, file: string): Fact<string>[] {
  return text.split("\n").flatMap((line, i) => {
    const [, name, value] = /^\s*([A-Za-z][\w.-]*)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [fact(value ?? "", { file, line: i + 1 }, name)];
  });
}

function readFirst(text: string, file: string, findings: Findings): Located | undefined {
  // Maven fills these in, `@` begins no value of YAML otherwise.
  const filled = text.replace(/(?<=[:-][ \t]+)@[\w.-]{1,100}@/g, '"$&"');
  return findings.attempt(file, () => readYamlDocuments(filled, file))?.[0];
}

/** More than anybody sets; nodes may be shared, so what a text says may be far longer than the text. */
const MOST_STEPS = 5_000;

function readTree(root: Located | undefined): Fact<string>[] {
  const open: { node: Located; name: string }[] = root === undefined ? [] : [{ node: root, name: "" }];
  const found: Fact<string>[] = [];
  // A list's loop comes to what is added while it runs.
  for (const { node, name } of open) {
    if (node.kind === "map") {
      const inside = entriesOf(node).map(([key, { value }]) => ({ node: value, name: join(name, key) }));
      open.push(...inside.slice(0, Math.max(0, MOST_STEPS - open.length)));
    } else {
      const scalars = node.kind === "list" ? itemsOf(node).slice(0, 100).map(scalarOf) : [scalarOf(node)];
      const words = scalars.flatMap((one) => (one === undefined ? [] : [one.text]));
      if (words.length > 0) found.push(fact(words.join(","), node.place, name));
    }
  }
  return found;
}

function join(name: string, key: string): string {
  return name === "" ? key : `${name}.${key}`;
}

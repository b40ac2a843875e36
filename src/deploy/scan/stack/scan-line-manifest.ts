import { type Fact, fact } from "../fact.ts";
import { type Facts, joinFacts } from "../facts.ts";
import { nameOfRequirement } from "./scan-toml-manifest.ts";
import { type NamedPackage, readPackages } from "./technologies.ts";

// Manifests that are read line by line: their formats are made of lines, or are programs of which only what stands
// literally on a line can be told.

type Line = { readonly text: string; readonly line: number };

function linesOf(text: string): Line[] {
  return text.split(/\r?\n/).map((line, i) => ({ text: line, line: i + 1 }));
}

function packagesOf(
  text: string,
  file: string,
  nameOf: (line: string) => string | undefined,
): NamedPackage[] {
  return linesOf(text).flatMap(({ text: words, line }) => {
    const name = nameOf(words);
    return name === undefined ? [] : [{ name, place: { file, line } }];
  });
}

/** pip's `requirements.txt`; options, addresses and comments name no package. */
export function scanRequirements(text: string, file: string): Partial<Facts> {
  return readPackages(packagesOf(text, file, (line) => nameOfRequirement(line.replace(/#.*$/, ""))));
}

export function scanGoMod(text: string, file: string): Partial<Facts> {
  const name = linesOf(text).flatMap(({ text: words, line }): Fact<string>[] => {
    const module = /^\s*module\s+"?([^\s"]+)/.exec(words)?.[1];
    const last = module
      ?.replace(/\/v\d+$/, "")
      .split("/")
      .at(-1);
    return last === undefined ? [] : [fact(last, { file, line }, "module")];
  });
  let block = "require";
  const packages = packagesOf(text, file, (line) => {
    const [, verb, opens] = /^\s*(require|exclude|replace|retract|tool)\b\s*(\()?/.exec(line) ?? [];
    if (opens !== undefined) block = verb ?? "";
    const isRequired = (verb ?? block) === "require";
    if (!isRequired || /\/\/\s*indirect/.test(line)) return undefined;
    return /^\s*(?:require\s+)?([\w.-]+\.[\w.-]+\/\S+)\s+v\d/.exec(line)?.[1];
  });
  return joinFacts({ name }, readPackages(packages));
}

/** Gems outside of groups that are for developers and tests. */
export function scanGemfile(text: string, file: string): Partial<Facts> {
  /** Of each block that is open, whether its gems are for elsewhere. */
  const open: boolean[] = [];
  const packages = packagesOf(text, file, (line) => {
    const words = line.replace(/#.*$/, "");
    if (/^\s*end\b/.test(words)) open.pop();
    else if (/^\s*(?:if|unless|case)\b|\bdo\s*(?:\|[^|]*\|)?\s*$/.test(words))
      open.push(/^\s*group\b/.test(words) && !/:production/.test(words));
    const isElsewhere = open.some((one) => one);
    if (isElsewhere || /group:?\s*(?:=>)?\s*\[?:(?:development|test)/.test(words)) return undefined;
    return /^\s*gem\s*\(?\s*["']([\w.-]+)["']/.exec(words)?.[1];
  });
  return readPackages(packages);
}

/** `build.gradle` and `build.gradle.kts` are programs; a literal coordinate on a line is what can be told. */
export function scanGradle(text: string, file: string): Partial<Facts> {
  const packages = packagesOf(text, file, (line) => {
    const match =
      /^\s*(?:implementation|api|runtimeOnly|compile|runtime|developmentOnly)\b[\s(]*["']([\w.-]+:[\w.-]+)[:"']/.exec(
        line,
      );
    return match?.[1];
  });
  const version = linesOf(text).flatMap(({ text: words, line }): Fact<string>[] => {
    const found = /^version\s*=?\s*["']([^"'$]+)["']/.exec(words)?.[1];
    return found === undefined ? [] : [fact(found, { file, line }, "version")];
  });
  return joinFacts({ version }, readPackages(packages));
}

export function scanGradleSettings(text: string, file: string): Partial<Facts> {
  const name = linesOf(text).flatMap(({ text: words, line }): Fact<string>[] => {
    const found = /^\s*rootProject\.name\s*=\s*["']([^"'$]+)["']/.exec(words)?.[1];
    return found === undefined ? [] : [fact(found, { file, line }, "rootProject.name")];
  });
  return { name };
}

/** Process types: `web: gunicorn app:app`. What runs at a release is a migration more often than not, so it is told. */
export function scanProcfile(text: string, file: string): Partial<Facts> {
  const types = linesOf(text).flatMap(({ text: words, line }) => {
    const match = /^([A-Za-z0-9_-]+):\s*(\S.*?)\s*$/.exec(words);
    return match === null ? [] : [{ type: match[1] ?? "", command: match[2] ?? "", place: { file, line } }];
  });
  return {
    remark: types.map(({ type, command, place }) => fact(`process ${type}: ${command}`, place, type)),
    migration: types
      .filter(
        ({ type, command }) =>
          type === "release" &&
          /migrat|\bdb upgrade\b|\bupgrade heads?\b|\bdb:(?:prepare|deploy)\b/i.test(command),
      )
      .map(({ place }) => fact("a release command", place, "release")),
  };
}

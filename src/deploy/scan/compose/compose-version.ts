import type { Findings } from "../findings.ts";
import { at, entriesOf, type LocatedMap } from "../located.ts";

const KNOWN = /^(?:1|2(?:\.[0-4])?|3(?:\.(?:\d|1[0-3]))?)$/;

/** `version:` is a relic that Compose ignores; a number that never was hints at another kind of file. */
export function findComposeVersion(tree: LocatedMap, findings: Findings): void {
  const version = at(tree, "version");
  if (version === undefined) return;
  const text = version.kind === "scalar" ? version.text : "";
  const message = KNOWN.test(text)
    ? "version: is obsolete; Compose ignores it"
    : "version: names no version that the Compose format ever had";
  findings.add("scan.compose-version", "warning", message, version.place, "take the line out");
}

/** The format before `version: 2`: services at the top, known by an image or a build in each. */
export function isFirstFormat(tree: LocatedMap): boolean {
  const entries = entriesOf(tree).filter(([name]) => !name.startsWith("x-"));
  if (entries.length === 0 || tree.entries.has("services") || tree.entries.has("include")) return false;
  return entries.every(
    ([, { value }]) => at(value, "image") !== undefined || at(value, "build") !== undefined,
  );
}

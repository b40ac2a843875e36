import { at, scalarOf } from "../../located/located.ts";
import { fact } from "../fact.ts";
import { type Facts, joinFacts } from "../facts.ts";
import { readJson } from "../read-json.ts";
import { listPackages } from "./scan-npm.ts";
import { readPackages } from "./technologies.ts";

/** PHP's `composer.json`; `vendor/name` is its name. Laravel brings its migrations along. */
export function scanComposer(text: string, file: string): Partial<Facts> {
  const root = readJson(text, file);
  const name = scalarOf(at(root, "name"));
  const version = scalarOf(at(root, "version"));
  const packages = listPackages(at(root, "require"));
  return joinFacts(readPackages(packages), {
    name: name === undefined ? [] : [fact(name.text.replace(/^.*\//, ""), name.place, "name")],
    version: version === undefined ? [] : [fact(version.text, version.place, "version")],
  });
}

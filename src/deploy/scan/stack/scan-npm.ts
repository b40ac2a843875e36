import { at, entriesOf, type Located, scalarOf } from "../../located/located.ts";
import { fact } from "../fact.ts";
import { type Facts, joinFacts } from "../facts.ts";
import { readJson } from "../read-json.ts";
import { type NamedPackage, readPackages } from "./technologies.ts";

/** What npm's manifest says. `runner` is the package manager whose lock file lies beside it. */
export function scanNpm(text: string, file: string, runner: string): Partial<Facts> {
  const root = readJson(text, file);
  const name = scalarOf(at(root, "name"));
  const version = scalarOf(at(root, "version"));
  const runtime = listPackages(at(root, "dependencies"));
  const tools = listPackages(at(root, "devDependencies"));
  return joinFacts(
    readPackages(runtime),
    { migration: readPackages(tools).migration ?? [] },
    readScripts(root, runner),
    {
      name: name === undefined ? [] : [fact(name.text.replace(/^@[^/]+\//, ""), name.place, "name")],
      version: version === undefined ? [] : [fact(version.text, version.place, "version")],
    },
  );
}

export function listPackages(node: Located | undefined): NamedPackage[] {
  return entriesOf(node).map(([name, { key }]) => ({ name, place: key }));
}

function readScripts(root: Located | undefined, runner: string): Partial<Facts> {
  const test = scalarOf(at(root, "scripts", "test"));
  const start = scalarOf(at(root, "scripts", "start"));
  // What `npm init` writes is no test.
  const isTest = test !== undefined && !/no test specified/.test(test.text);
  return {
    test: isTest ? [fact(`${runner} test`, test.place, "scripts.test")] : [],
    remark: start === undefined ? [] : [fact(`starts with ${runner} start`, start.place, "scripts.start")],
  };
}

import { at, itemsOf, type Located, scalarOf } from "../../located/located.ts";
import { fact } from "../fact.ts";
import { type Facts, joinFacts } from "../facts.ts";
import { readToml } from "../read-toml.ts";
import { listPackages } from "./scan-npm.ts";
import { type NamedPackage, readPackages } from "./technologies.ts";

/** `pyproject.toml`: PEP 621, and Poetry's own table. */
export function scanPyproject(text: string, file: string): Partial<Facts> {
  const root = readToml(text, file);
  const tables = [at(root, "project"), at(root, "tool", "poetry")];
  const listed = itemsOf(at(root, "project", "dependencies")).flatMap(readRequirement);
  const poetry = listPackages(at(root, "tool", "poetry", "dependencies"));
  return joinFacts(...tables.map(readIdentity), readPackages([...listed, ...poetry]));
}

/** `Pipfile`: what runs, without what only developers need. */
export function scanPipfile(text: string, file: string): Partial<Facts> {
  return readPackages(listPackages(at(readToml(text, file), "packages")));
}

export function scanCargo(text: string, file: string): Partial<Facts> {
  const root = readToml(text, file);
  const workspace = at(root, "workspace", "package");
  const tables = [at(root, "dependencies"), at(root, "workspace", "dependencies")];
  return joinFacts(
    readIdentity(at(root, "package")),
    readIdentity(workspace),
    readPackages([...listPackages(tables[0]), ...tables.flatMap(readDrivers)]),
  );
}

/** Rust's libraries for several databases name the one that they are built for among their features. */
const OF_SEVERAL = ["sqlx", "diesel", "sea-orm"];

function readDrivers(table: Located | undefined): NamedPackage[] {
  return OF_SEVERAL.flatMap((name) => itemsOf(at(table, name, "features"))).flatMap((node) => {
    const feature = /^(?:sqlx-)?(postgres|mysql|sqlite)(?:-|$)/.exec(scalarOf(node)?.text ?? "")?.[1];
    return feature === undefined ? [] : [{ name: feature, place: node.place }];
  });
}

function readIdentity(table: Located | undefined): Partial<Facts> {
  const name = scalarOf(at(table, "name"));
  const version = scalarOf(at(table, "version"));
  return {
    name: name === undefined ? [] : [fact(name.text, name.place, "name")],
    version: version === undefined ? [] : [fact(version.text, version.place, "version")],
  };
}

function readRequirement(node: Located): NamedPackage[] {
  const name = nameOfRequirement(scalarOf(node)?.text ?? "");
  return name === undefined ? [] : [{ name, place: node.place }];
}

/** `psycopg[binary]>=3.1; python_version > "3.9"` → `psycopg`, as PEP 508 has it. */
export function nameOfRequirement(text: string): string | undefined {
  return /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[|[<>=!~;@\s]|$)/.exec(text)?.[1]?.replaceAll("_", "-");
}

import sax from "sax";
import { Exit, VibeopsError } from "../../../errors.ts";
import { type Fact, fact } from "../fact.ts";
import { type Facts, joinFacts } from "../facts.ts";
import { type NamedPackage, readPackages } from "./technologies.ts";

const MAX_DEPTH = 60;

/**
 * Maven's `pom.xml`: its own name and version (not its parent's), and what it needs when it runs. The parser knows no
 * entities but XML's five, and opens nothing.
 *
 * @throws VibeopsError `scan.xml` with the line
 */
export function scanMaven(text: string, file: string): Partial<Facts> {
  const parser = sax.parser(true, { position: true });
  const path: string[] = [];
  const identity: Partial<Record<"artifactId" | "version", Fact<string>>> = {};
  const packages: NamedPackage[] = [];
  let needed: { name?: NamedPackage; scope: string } = { scope: "" };
  let openedOn = 1;
  parser.onopentag = ({ name }) => {
    path.push(name);
    openedOn = parser.line + 1;
    if (path.length > MAX_DEPTH) throw broken("it is nested too deeply", file, parser.line + 1);
    if (name === "dependency") needed = { scope: "" };
  };
  parser.ontext = (raw) => {
    const words = raw.trim();
    const above = /^\s*/.exec(raw)?.[0].split("\n").length ?? 1;
    const place = { file, line: openedOn + above - 1 };
    const where = path.join("/");
    if (where === "project/artifactId") identity.artifactId = fact(words, place, "artifactId");
    else if (where === "project/version" && !words.includes("$"))
      identity.version = fact(words, place, "version");
    else if (where === "project/dependencies/dependency/artifactId") needed.name = { name: words, place };
    else if (where === "project/dependencies/dependency/scope") needed.scope = words;
  };
  parser.onclosetag = (name) => {
    path.pop();
    if (name === "dependency" && needed.name !== undefined && needed.scope !== "test")
      packages.push(needed.name);
  };
  parser.onerror = (error) => {
    throw broken(error.message.split("\n", 1)[0] ?? "", file, parser.line + 1);
  };
  parser.write(text).close();
  const { artifactId, version } = identity;
  return joinFacts(readPackages(packages), {
    name: artifactId === undefined ? [] : [artifactId],
    version: version === undefined ? [] : [version],
  });
}

function broken(message: string, file: string, line: number): VibeopsError {
  return new VibeopsError({
    code: "scan.xml",
    exit: Exit.invalid,
    message: `this is no valid XML: ${message}`,
    file,
    line,
    fix: "correct that line; nothing of this file was used",
  });
}

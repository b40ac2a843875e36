import sax from "sax";
import { Exit, VibeopsError } from "../../../errors.ts";
import { type Fact, fact, type Place } from "../fact.ts";
import { type Facts, joinFacts } from "../facts.ts";
import { type NamedPackage, readPackages } from "./technologies.ts";

const MAX_DEPTH = 60;

/**
 * Maven's `pom.xml`: its own name and version (not its parent's), and what it needs when it runs.
 *
 * @throws VibeopsError `scan.xml` with the line
 */
export function scanMaven(text: string, file: string): Partial<Facts> {
  const identity: Partial<Record<"artifactId" | "version", Fact<string>>> = {};
  const packages: NamedPackage[] = [];
  let needed: { name?: NamedPackage; scope: string } = { scope: "" };
  readElements(text, file, {
    onOpen: (name) => {
      if (name === "dependency") needed = { scope: "" };
    },
    onText: (where, words, place) => {
      // What holds a property, Maven puts together.
      const isWhole = words !== "" && !words.includes("$");
      if (where === "project/artifactId" && isWhole) identity.artifactId = fact(words, place, "artifactId");
      else if (where === "project/version" && isWhole) identity.version = fact(words, place, "version");
      else if (where === "project/dependencies/dependency/artifactId") needed.name = { name: words, place };
      else if (where === "project/dependencies/dependency/scope") needed.scope = words;
    },
    onClose: (name) => {
      if (name === "dependency" && needed.name !== undefined && needed.scope !== "test")
        packages.push(needed.name);
    },
  });
  const { artifactId, version } = identity;
  return joinFacts(readPackages(packages), {
    name: artifactId === undefined ? [] : [artifactId],
    version: version === undefined ? [] : [version],
  });
}

/** The folders that a `pom.xml` names as its modules, whatever profile they are of. @throws as {@link scanMaven} */
export function readMavenModules(text: string, file: string): string[] {
  const modules: string[] = [];
  readElements(text, file, {
    onText: (where, words) => {
      if (where.endsWith("/modules/module") && words !== "") modules.push(words);
    },
  });
  return modules;
}

interface ElementReader {
  readonly onOpen?: (name: string) => void;
  /** `where`: the names of the elements around it, from the outermost. */
  readonly onText: (where: string, words: string, place: Place) => void;
  readonly onClose?: (name: string) => void;
}

/** The parser knows no entities but XML's five, and opens nothing. */
function readElements(text: string, file: string, { onOpen, onText, onClose }: ElementReader): void {
  const parser = sax.parser(true, { position: true });
  const path: string[] = [];
  let openedOn = 1;
  parser.onopentag = ({ name }) => {
    path.push(name);
    openedOn = parser.line + 1;
    if (path.length > MAX_DEPTH) throw broken("it is nested too deeply", file, parser.line + 1);
    onOpen?.(name);
  };
  parser.ontext = (raw) => {
    const above = /^\s*/.exec(raw)?.[0].split("\n").length ?? 1;
    onText(path.join("/"), raw.trim(), { file, line: openedOn + above - 1 });
  };
  parser.onclosetag = (name) => {
    path.pop();
    onClose?.(name);
  };
  parser.onerror = (error) => {
    throw broken(error.message.split("\n", 1)[0] ?? "", file, parser.line + 1);
  };
  parser.write(text).close();
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

import { type Fact, fact } from "./fact.ts";

export interface PackageFacts {
  name?: Fact<string>;
  version?: Fact<string>;
  /** `npm test`, where the manifest has a test script. */
  test?: Fact<string>;
}

/** What an npm manifest says about the service; an unreadable one says nothing. */
export function scanPackage(text: string, file: string): PackageFacts {
  const manifest = parseManifest(text);
  const facts: PackageFacts = {};
  const lineOf = (key: string) => text.slice(0, Math.max(0, text.indexOf(`"${key}"`))).split("\n").length;
  if (typeof manifest.name === "string") facts.name = fact(manifest.name, file, lineOf("name"), "name");
  if (typeof manifest.version === "string")
    facts.version = fact(manifest.version, file, lineOf("version"), "version");
  const scripts: unknown = manifest.scripts;
  if (typeof scripts === "object" && scripts !== null && "test" in scripts) {
    facts.test = fact("npm test", file, lineOf("test"), "scripts.test");
  }
  return facts;
}

function parseManifest(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

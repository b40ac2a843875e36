import { join } from "node:path";
import { type Check, ok } from "../platform/check.ts";
import { readIfExists } from "../platform/files.ts";
import type { Project } from "../project/project.ts";
import { findingOf } from "../text/finding.ts";
import { readPolicy } from "./policy.ts";

/** policy.yaml, where there is one: what cannot be read allows nothing. */
export function checkPolicy(project: Pick<Project, "root">): Check[] {
  const path = join(project.root, "policy.yaml");
  try {
    const bytes = readIfExists(path);
    if (bytes === null) return [];
    readPolicy(bytes, path);
    return [ok("policy", "policy.yaml")];
  } catch (error) {
    const { rule, message, file, line, fix } = findingOf(error, path);
    return [{ name: rule, status: "error", what: message, file, line, fix }];
  }
}

import { join } from "node:path";
import { replaceFile } from "../../platform/replace.ts";
import { PROJECT_FILE } from "../../project/discovery.ts";
import { addGrant } from "../../project/grant-edit.ts";
import { acceptedTypes, aYearAfter } from "../../project/peering.ts";
import type { Project } from "../../project/project.ts";

/** Lets a peer read this project's STATE.md and memos: the project that is read gives that grant itself. */
export async function grantReading(project: Project, reader: string, today: Date): Promise<void> {
  const usual = { types: acceptedTypes(project), until: aYearAfter(today) };
  const after = addGrant(project.configText, reader, { read: ["state", "memos"] }, usual, today);
  const path = join(project.root, PROJECT_FILE);
  await replaceFile(path, Buffer.from(project.configText), Buffer.from(after));
}

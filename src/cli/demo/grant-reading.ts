import { join } from "node:path";
import { parseDocument } from "yaml";
import { replaceFile } from "../../platform/replace.ts";
import { PROJECT_FILE } from "../../project/discovery.ts";
import type { Project } from "../../project/project.ts";

/** Lets a peer read this project's STATE.md and memos: the project that is read gives that grant itself. */
export async function grantReading(project: Project, reader: string): Promise<void> {
  const document = parseDocument(project.configText);
  const index = project.config.accepts.findIndex((grant) => grant.from === reader);
  document.setIn(["accepts", index, "read"], document.createNode(["state", "memos"], { flow: true }));
  const path = join(project.root, PROJECT_FILE);
  await replaceFile(path, Buffer.from(project.configText), Buffer.from(document.toString({ lineWidth: 0 })));
}

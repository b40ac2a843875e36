import type { Context } from "../platform/context.ts";
import type { Git } from "../platform/git.ts";
import type { Project } from "../project/project.ts";

/** What every door hands to the gate. */
export interface Gate {
  readonly project: Project;
  readonly git: Git;
  readonly context: Context;
}

import * as z from "zod";
import type { Context } from "../platform/context.ts";
import { renderTemplate } from "../text/template.ts";
import { readYaml } from "../text/yaml-own.ts";
import { hasTemplate, templateText } from "./templates.ts";

const place = z.string().regex(/^(?:\.\/|(?!\.\.?(?:\/|$))[^/\0]+(?:\/(?!\.\.?(?:\/|$))[^/\0]+)*\/?)$/, {
  error: "a path below the project; folders end in a slash; ./ is all of it",
});

const schema = z.strictObject({ writes: z.array(place).default([]) });

/** What a role is told, and which places an agent that plays it may write through vibeops's tools. */
export interface Role {
  /** Markdown. */
  readonly text: string;
  /** Below the project; folders end in a slash, `./` is all of it. */
  readonly writes: readonly string[];
}

/**
 * templates/roles/<role>.md, or the general one for a name of one's own. What the tools enforce stands in its front matter,
 * what the agent is told below it.
 *
 * @throws VibeopsError `schema.invalid`, and what reading a template throws
 */
export function readRole(
  context: Pick<Context, "env">,
  project: { readonly root: string; readonly name: string },
  role: string,
): Role {
  const own = `roles/${role}.md`;
  const name = hasTemplate(context, project, own) ? own : "roles/generic.md";
  const { text, file } = templateText(context, project, name);
  const [, head, body] = /^---\r?\n([\s\S]*?)^---\r?\n([\s\S]*)$/m.exec(text) ?? [undefined, "", text];
  const { writes } = readYaml(head ?? "", schema, file).value;
  return { text: renderTemplate(body ?? "", { role, project: project.name }, file).trim(), writes };
}

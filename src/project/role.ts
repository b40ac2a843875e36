import * as z from "zod/mini";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { renderTemplate } from "../text/template.ts";
import { readYaml } from "../text/yaml-own.ts";
import { PROJECT_FILE } from "./discovery.ts";
import type { Project } from "./project.ts";
import { hasTemplate, templateText } from "./templates.ts";

const place = z.string().check(
  z.regex(/^(?:\.\/|(?!\.\.?(?:\/|$))[^/\0]+(?:\/(?!\.\.?(?:\/|$))[^/\0]+)*\/?)$/, {
    error: "a path below the project; folders end in a slash; ./ is all of it",
  }),
);

const schema = z.strictObject({ writes: z._default(z.array(place), []) });

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
  const { head, body } = splitFrontMatter(text.replace(/^\uFEFF/, ""));
  const { writes } = readYaml(head, schema, file).value;
  return { text: renderTemplate(body, { role, project: project.name }, file).trim(), writes };
}

/** Front matter begins with the first byte; a line of dashes further down is a rule of the text. */
function splitFrontMatter(text: string): { head: string; body: string } {
  const [whole, head] = /^---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)??---[ \t]*(?:\r?\n|$)/.exec(text) ?? [];
  return whole === undefined
    ? { head: "", body: text }
    : { head: head ?? "", body: text.slice(whole.length) };
}

/** The agent that plays a role. @throws VibeopsError `agent.role` */
export function requireRole(project: Project, role: string): Project["config"]["agents"][string] {
  const agent = Object.hasOwn(project.config.agents, role) ? project.config.agents[role] : undefined;
  if (agent !== undefined) return agent;
  throw new VibeopsError({
    code: "agent.role",
    exit: Exit.notFound,
    message: `${project.name} has no agent '${role}'`,
    file: PROJECT_FILE,
    line: project.lineOf(["agents"]),
    fix: `one of: ${Object.keys(project.config.agents).join(", ")}; or: vibeops init --role ${role}`,
  });
}

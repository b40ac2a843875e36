import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { AgentEvent } from "../../agent/agent-report.ts";
import { DEFAULT_BUDGET } from "../../agent/loop/budget.ts";
import { runAgentSession } from "../../agent/run-session.ts";
import { planMemos, sendMemos } from "../../memo/send.ts";
import type { Context } from "../../platform/context.ts";
import { git, requireGit } from "../../platform/git.ts";
import { VERSION } from "../../platform/version.ts";
import type { Project } from "../../project/project.ts";
import { templateText } from "../../project/templates.ts";
import { listRunbooks } from "../../runbook/store.ts";
import { makeVisible } from "../../text/visible.ts";
import { agentProgram } from "../agent-program.ts";
import type { DemoWorkspace } from "./workspace.ts";

/** Where the story is told: headings, lines, and the beginnings of files. */
export interface Teller {
  heading(text: string): void;
  line(text: string): void;
  excerpt(title: string, text: string, lines: number): void;
}

/** Plays everything up to the place where a person must decide; returns the runbook that waits. */
export async function playStory(
  space: DemoWorkspace,
  context: Context,
  teller: Teller,
): Promise<{ runbook: string }> {
  const { shop, infra, office } = space;
  const show = (event: AgentEvent) => teller.line(`${event.kind}: ${event.text}`);

  const program = agentProgram(context.env);
  const options = { budget: DEFAULT_BUDGET, tool: `vibeops ${VERSION}`, program };
  teller.heading("1. office: the PM asks for a deployment");
  const letter = {
    subject: "Deploy shop 1.2.0 today",
    body: templateText(context, null, "demo/request.md").text,
    type: "request" as const,
    priority: "high" as const,
  };
  const planned = planMemos(office, [{ role: "developer", project: "shop" }], letter, context);
  for (const memo of await sendMemos(office, planned, letter, context))
    teller.line(`${memo.outcome} to ${memo.to} (${memo.id})`);

  teller.heading("2. shop: the developer's agent reads the repository and writes a memo to infra");
  await runAgentSession(shop, undefined, context, show, options);
  const memo = newest(join(infra.root, "memos/incoming"));
  teller.excerpt(relative(space.directory, memo), readFileSync(memo, "utf8"), 40);

  teller.heading("3. infra: the sysadmin's agent prepares; it runs nothing");
  await runAgentSession(infra, undefined, context, show, options);
  const compose = join(infra.root, "deploy/shop/compose.yaml");
  teller.excerpt(relative(space.directory, compose), readFileSync(compose, "utf8"), 24);
  const [runbook] = await listRunbooks(infra, context);
  if (runbook === undefined) throw new Error("the demo's sysadmin prepared no runbook");
  const path = join(infra.root, "runbooks", runbook.id, "runbook.md");
  teller.excerpt(relative(space.directory, path), readFileSync(path, "utf8"), 48);

  teller.heading("4. office: the PM collects where everybody stands");
  await runAgentSession(office, undefined, context, show, options);
  teller.excerpt("office/STATE.md", readFileSync(join(office.root, "STATE.md"), "utf8"), 12);

  teller.heading("5. git holds the trail");
  for (const project of [office, shop, infra])
    teller.excerpt(`${project.name}: git log`, await log(project, context), 12);
  return { runbook: runbook.id };
}

function newest(directory: string): string {
  const name = readdirSync(directory)
    .filter((candidate) => candidate.endsWith(".md"))
    .sort()
    .at(-1);
  return join(directory, name ?? "");
}

async function log(project: Project, context: Context): Promise<string> {
  const text = await git(requireGit(project.root, context.env), ["log", "--format=%h %s"]);
  return makeVisible(text.trimEnd());
}

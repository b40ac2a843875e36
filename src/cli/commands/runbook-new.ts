import { Exit, VibeopsError } from "../../errors.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { listRunbookTemplates, planRunbook, writeRunbook } from "../../runbook/new-runbook.ts";
import { describeVariable, type RunbookTemplate } from "../../runbook/runbook-template.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, listOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { styleFor } from "../style.ts";

export async function runRunbookNew(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  if (flagOption(options, "list")) return listed(io, listRunbookTemplates(io.context, project));
  const from = textOption(options, "from");
  const plan = planRunbook(io.context, project, {
    title: from === undefined ? requireTitle(args[0]) : args[0],
    from: from ?? "empty",
    hosts: listOption(options, "host"),
    set: readSettings(listOption(options, "set")),
  });
  const { id, title, template, hosts } = plan;
  const files = plan.files.map(({ path }) => path);
  if (flagOption(options, "dryRun")) {
    const texts = plan.files.map(({ path, content }) => `${path}\n${content}`);
    return outcome({ planned: plan }, texts.map((text) => makeVisible(text)).join("\n"));
  }
  const commit = await writeRunbook(io.context, project, plan);
  const part = id.slice(-8);
  const next = `Next: answer its open questions in ${files.at(-1)}, then vibeops runbook lint ${part}, vibeops runbook show ${part}`;
  const lines = [
    styleFor(io).bold(`${id}  ${title}`),
    ...files.map((path) => `  wrote ${path}`),
    typeable(io, next),
  ];
  return outcome({ id, title, template, hosts, files, commit }, lines.join("\n"));
}

function requireTitle(title: string | undefined): string {
  if (title !== undefined) return title;
  throw new VibeopsError({
    code: "usage.title",
    exit: Exit.usage,
    message: "a runbook needs a title",
    fix: "vibeops runbook new --from harden-server; the templates: vibeops runbook new --list",
  });
}

function readSettings(pairs: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (at < 1 || name === "" || Object.hasOwn(settings, name)) {
      const words = makeVisible(JSON.stringify(pair), { newlines: false });
      throw new VibeopsError({
        code: "usage.set",
        exit: Exit.usage,
        message: at < 1 ? `--set ${words} is no NAME=value` : `--set gives ${name} twice`,
        fix: "write each once, as in: --set SSH_PORT=22",
      });
    }
    settings[name] = pair.slice(at + 1);
  }
  return settings;
}

function listed(io: Io, templates: readonly RunbookTemplate[]): Outcome {
  const style = styleFor(io);
  const lines = templates.flatMap(({ name, about, hosts, variables }) => [
    `${style.bold(name)}  ${about}`,
    ...(hosts.length > 1 ? [`    hosts: ${hosts.join(", ")}`] : []),
    ...variables.map((one) => `    ${describeVariable(one)}`),
  ]);
  const result = templates.map(({ name, about, hosts, variables, files, file }) => ({
    name,
    about,
    hosts,
    variables,
    files,
    file,
  }));
  return outcome({ templates: result }, makeVisible(lines.join("\n")));
}

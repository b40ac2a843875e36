import { Exit, VibeopsError } from "../../errors.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { describeImpact, describeRest } from "../../release/describe-impact.ts";
import { findImpact, type Impact } from "../../release/impact.ts";
import { makeVisible } from "../../text/visible.ts";
import { wrapProse } from "../../text/wrap.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { lineWidth, renderLabelled, styleFor } from "../style.ts";

export async function runImpact(io: Io, services: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const since = textOption(options, "since");
  if (since !== undefined && services.length > 0) {
    throw new VibeopsError({
      code: "usage.value",
      exit: Exit.usage,
      message: "services and --since are two questions",
      fix: "ask one of them: vibeops impact shop, or vibeops impact --since v1.2.0",
    });
  }
  const question = services.length > 0 ? { services } : { since: since ?? "HEAD" };
  const impact = await findImpact(project, question, io.context);
  return outcome(impact, render(io, impact));
}

function render(io: Io, impact: Impact): string {
  const style = styleFor(io);
  const visible = (text: string) => makeVisible(text, { newlines: false });
  const blocks = describeImpact(impact).map(({ head, rows }) => {
    const lines = rows.map(([label, text]) => {
      const line = renderLabelled(`  ${label.padEnd(8)} `, visible(text), lineWidth(io));
      return label === "unknown" ? style.yellow(line) : line;
    });
    return [style.bold(visible(head)), ...lines].join("\n");
  });
  if (blocks.length === 0)
    blocks.push(`Nothing that changed since ${visible(impact.since ?? "")} belongs to a service.`);
  return [...blocks, wrapProse(describeRest(impact).map(visible).join("\n"), lineWidth(io))]
    .filter((block) => block !== "")
    .join("\n\n");
}

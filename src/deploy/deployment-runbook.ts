import { compileRunbook, type FileSource } from "../runbook/compile-runbook.ts";
import { runbookPath } from "../runbook/runbook-paths.ts";
import { scanBlocks } from "../text/blocks.ts";
import { splice } from "../text/splice.ts";
import type { TemplateValues } from "../text/template.ts";
import { isPublished } from "./answer-roots.ts";
import { render } from "./catalogue.ts";
import { codeSpan, listInWords } from "./markdown-text.ts";
import { flowText } from "./plan-words.ts";
import type { Question } from "./questions.ts";
import { listRisks } from "./risks.ts";
import type { Situation } from "./situation.ts";
import type { TargetInput } from "./targets/target.ts";
import { targetOf } from "./targets/targets.ts";
import { listVolumes } from "./volumes.ts";

/**
 * The runbook of a deployment: what comes from the memo stands in code spans and quoted strings, the steps are
 * actions of the target, and their commands are compiled here. Null where the target has no steps to write.
 *
 * @param author `role@project`
 * @param source the files that the steps install, as they will be on disk
 * @throws VibeopsError as compileRunbook: a template of one's own that is no runbook, a parameter that an action refuses
 */
export function writeDeploymentRunbook(
  input: TargetInput,
  author: string,
  source: FileSource,
): string | null {
  const { situation, questions, find } = input;
  const { block, place } = situation;
  const target = targetOf(situation);
  const plan = target.writePlan(input);
  if (plan === null) return null;
  const files = target.installedFiles(input);
  const text = render(find, "deploy/runbook.md", {
    id: input.runbook,
    title: `Deploy ${block.service} ${block.version} to ${place.hostName}`,
    memo: input.memo,
    author,
    host: place.hostName,
    tier: place.host.tier,
    service: block.service,
    version: block.version,
    "version.yaml": flowText(block.version),
    hasFiles: files.length > 0,
    files,
    facts: listFacts(situation),
    risks: listRisks(situation, find),
    questions: questions.map(questionValues),
    plan,
  });
  return compilePlan(text, input.runbook, source);
}

/** Numbers the steps and writes the commands under their actions. @throws VibeopsError as compileRunbook */
export function compilePlan(text: string, runbook: string, source: FileSource): string {
  return compileRunbook(numberSteps(`${text.trimEnd()}\n`), runbookPath(runbook), source);
}

function questionValues({ question, why, blocking }: Question): TemplateValues {
  return { question, why, blocking };
}

/** Templates leave steps out, so their headings carry no numbers: `### Title` becomes `### 3. Title`. */
function numberSteps(text: string): string {
  const headings = scanBlocks(text).headings.filter((heading) => heading.depth === 3);
  const edits = headings.map((heading, i) => ({
    start: heading.start + "### ".length,
    end: heading.start + "### ".length,
    text: `${i + 1}. `,
  }));
  return splice(text, edits);
}

/** What the approver wants to know first; only what the memo says. */
function listFacts(situation: Situation): TemplateValues[] {
  const { block, settings } = situation;
  const { source } = block;
  const author = [source?.author, source?.tool].filter((word) => word !== undefined);
  const facts: (readonly [string, string | undefined])[] = [
    ["Image", settings.image?.kind === "pinned" ? settings.image.reference : undefined],
    ["Source", source?.commit],
    ["Written by", author.length === 0 ? undefined : author.join(", ")],
    ["Goes back to", block.rollback?.to],
    [
      "Names",
      block.domains === undefined || block.domains.length === 0 ? undefined : block.domains.join(", "),
    ],
    ["Port", portWords(situation)],
    ["Volumes", listInWords(listVolumes(block).map((volume) => volume.name)) || undefined],
    ["Certificates", block.certificates],
    ["May be away", block.downtime],
    ["Owner", block.owner],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value: codeSpan(value) }]));
}

function portWords(situation: Situation): string | undefined {
  const { settings, place } = situation;
  if (settings.port === null) return undefined;
  const { proxy } = place.host;
  const network = proxy !== undefined && "network" in proxy ? proxy.network : undefined;
  return isPublished(situation)
    ? `127.0.0.1:${settings.port.host}`
    : `${settings.port.container} in the container network ${network}; none of ${place.hostName}`;
}

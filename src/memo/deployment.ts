import { stringify } from "yaml";
import type * as z from "zod/mini";
import { Exit, VibeopsError } from "../errors.ts";
import { type Fence, findSections, scanBlocks } from "../text/blocks.ts";
import { describeIssues } from "../text/schema-issues.ts";
import { type ReceivedYaml, readReceivedYaml } from "../text/yaml-received.ts";
import type { DeploymentBlock } from "./deployment-block.ts";
import { deploymentSchema } from "./deployment-schema.ts";
import type { Memo } from "./memo.ts";

export type { DeploymentBlock, EnvVariable } from "./deployment-block.ts";

export interface Deployment {
  block: DeploymentBlock;
  /** Line of the file on which the block's opening fence stands. */
  line: number;
  /** Line of a key or an item in the file: `lineOf(["ports", 0])`. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/**
 * The one fenced `yaml` block under *Deployment*.
 *
 * @param file as the person would type it, for the errors
 * @throws VibeopsError `deployment.missing`, `deployment.several`, `deployment.invalid` (every wrong place is in
 *   `facts.issues`), or `deployment.yaml-…`
 */
export function readDeployment(memo: Pick<Memo, "text">, file?: string): Deployment {
  const fence = findFence(memo.text, file);
  const firstLine = fence.line + 1;
  const yaml = readReceivedYaml(fence.content, { code: "deployment", file, firstLine, maxKeys: 1_000 });
  const result = deploymentSchema.safeParse(yaml.value);
  if (!result.success) throw refuse(result.error, yaml, fence, file);
  return { block: result.data, line: fence.line, lineOf: yaml.lineOf };
}

/**
 * As {@link readDeployment} for a memo that another project sent: only its sender can mend it, since both ends keep its
 * words, so every error says whom to ask, and for what.
 */
export function readReceivedDeployment(memo: Memo, file?: string): Deployment {
  try {
    return readDeployment(memo, file);
  } catch (error) {
    if (!(error instanceof VibeopsError) || memo.from.project === memo.to.project) throw error;
    throw askSender(memo, error);
  }
}

function askSender(memo: Memo, error: VibeopsError): VibeopsError {
  const ask = (fix: string | undefined) =>
    `ask the sender: vibeops memo reply ${memo.id} --body "…"${fix === undefined ? "" : ` (${fix})`}`;
  const issues = error.facts?.issues as { fix?: string }[] | undefined;
  return new VibeopsError({
    code: error.code,
    exit: error.exit,
    message: error.message,
    file: error.file,
    line: error.line,
    fix: ask(error.fix),
    cause: error,
    facts: {
      ...error.facts,
      ...(issues === undefined ? {} : { issues: issues.map((issue) => ({ ...issue, fix: ask(issue.fix) })) }),
    },
  });
}

function findFence(text: string, file: string | undefined): Fence {
  const blocks = scanBlocks(text);
  const sections = findSections(text, "Deployment", undefined, blocks);
  const fences = blocks.fences.filter(
    (fence) =>
      fence.topLevel &&
      /^ya?ml(?:\s|$)/i.test(fence.info) &&
      sections.some((section) => fence.start >= section.bodyStart && fence.start < section.end),
  );
  const [only, second] = fences;
  if (only !== undefined && second === undefined) return only;
  throw new VibeopsError({
    code: only === undefined ? "deployment.missing" : "deployment.several",
    exit: Exit.invalid,
    message:
      only === undefined
        ? "the memo has no deployment block"
        : `the memo has ${fences.length} yaml blocks under Deployment`,
    file,
    line: second?.line ?? sections[0]?.heading.line ?? 1,
    fix:
      only === undefined
        ? "add a section ## Deployment with one ```yaml fence that names at least service and version"
        : "keep one, and send a memo for each service",
  });
}

function refuse(
  error: z.core.$ZodError,
  yaml: ReceivedYaml,
  fence: Fence,
  file: string | undefined,
): VibeopsError {
  const lineOf = (path: readonly (string | number)[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const line = yaml.lineOf(path.slice(0, length));
      if (line !== undefined) return line;
    }
    return fence.line;
  };
  const issues = describeIssues(error, deploymentSchema).map((issue) => ({
    ...issue,
    line: lineOf(issue.path),
  }));
  return new VibeopsError({
    code: "deployment.invalid",
    exit: Exit.invalid,
    message: issues.map((issue) => issue.message).join("; "),
    file,
    line: issues[0]?.line ?? fence.line,
    fix: issues[0]?.fix,
    facts: { issues },
  });
}

/** The block as YAML for its fence, with a line ending at its end. {@link readDeployment} reads the same from it. */
export function formatDeployment(block: DeploymentBlock): string {
  return stringify(block, { lineWidth: 0 });
}

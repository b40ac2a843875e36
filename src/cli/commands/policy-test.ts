import { join } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import { readIfExists } from "../../platform/files.ts";
import { POLICY_CASES_FILE, tryCases } from "../../policy/policy-cases.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { readPolicyHere } from "../../runbook/policy-report.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { styleFor } from "../style.ts";

export async function runPolicyTest(io: Io, _args: readonly string[], _options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const bytes = readIfExists(join(project.root, POLICY_CASES_FILE));
  if (bytes === null) {
    throw new VibeopsError({
      code: "policy.cases",
      exit: Exit.notFound,
      message: `there is no ${POLICY_CASES_FILE}`,
      fix: "write one; what stands in it: vibeops policy test --help",
    });
  }
  const cases = await tryCases(readPolicyHere(project).policy, bytes, POLICY_CASES_FILE);
  const failed = cases.filter(({ wrong }) => wrong.length > 0);
  const style = styleFor(io);
  const lines = cases.flatMap(({ name, line, wrong }) => {
    const mark = wrong.length === 0 ? style.green("ok    ") : style.red("failed");
    const place = line === undefined ? "" : style.dim(` (${POLICY_CASES_FILE}:${line})`);
    return [
      `${mark}  ${makeVisible(name, { newlines: false })}${wrong.length === 0 ? "" : place}`,
      ...wrong.map((one) => `        ${makeVisible(one, { newlines: false })}`),
    ];
  });
  const total = `${cases.length - failed.length} of ${cases.length} come out as expected`;
  const exit = failed.length > 0 ? Exit.invalid : Exit.ok;
  return outcome({ cases, failed: failed.length }, [...lines, total].join("\n"), exit);
}

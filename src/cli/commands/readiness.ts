import { statSync } from "node:fs";
import { resolve } from "node:path";
import { assessReadiness, type Readiness, type ReadinessInput } from "../../deploy/readiness.ts";
import { readinessOfMemo, readinessOfScan } from "../../deploy/readiness-input.ts";
import { scanRepository } from "../../deploy/scan/scan-repository.ts";
import { Exit, VibeopsError } from "../../errors.ts";
import { readDeployment, readReceivedDeployment } from "../../memo/deployment.ts";
import { findAnywhere } from "../../memo/mailbox.ts";
import { readRegularFile } from "../../platform/files.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject, type Project } from "../../project/project.ts";
import { decodeText } from "../../text/decode.ts";
import { makeVisible } from "../../text/visible.ts";
import { wrapProse } from "../../text/wrap.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { lineWidth, styleFor } from "../style.ts";
import { wholeNumber } from "../values.ts";

/** Exit 4 where the score is below `--min`; without it whatever is open ends with 0. */
export async function runReadiness(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const given = textOption(options, "min");
  const least = given === undefined ? 0 : percent(given);
  const input = await readInput(io, args[0] ?? ".", textOption(options, "service"));
  const readiness = assessReadiness(input);
  const passed = readiness.score >= least;
  const data = {
    service: input.block.service,
    version: input.block.version,
    ...readiness,
    min: least,
    passed,
  };
  const gate =
    given === undefined ? "" : passed ? `, at least ${least} wanted` : `, below the ${least} that are wanted`;
  const text = `${renderReadiness(io, readiness)}\n\nScore ${readiness.score} of 100${gate}`;
  return outcome(data, text, passed ? Exit.ok : Exit.invalid);
}

function percent(given: string): number {
  const value = wholeNumber("min", given, 0);
  if (value <= 100) return value;
  throw new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: `--min is '${given}'`,
    fix: "a whole number from 0 to 100",
  });
}

async function readInput(io: Io, name: string, service: string | undefined): Promise<ReadinessInput> {
  const path = resolve(io.cwd, name);
  const stats = statSync(path, { throwIfNoEntry: false });
  const project = findProject(io);
  if (stats?.isDirectory() === true) {
    return readinessOfScan(await scanRepository(path, { service }, io.context), project, io.context);
  }
  if (stats !== undefined) {
    // A draft counts as well: it has a block before it has a memo's name.
    const text = decodeText(readRegularFile(path), name);
    return readinessOfMemo(project, readDeployment({ text }, name), path, io.cwd, io.context);
  }
  if (name.includes("/")) {
    throw new VibeopsError({
      code: "scan.folder",
      exit: Exit.notFound,
      message: "there is neither a folder nor a memo's file",
      file: path,
      fix: "name what is there, or a part of a memo's id: vibeops readiness DIR",
    });
  }
  const stored = findAnywhere(findProjectRoot(io.cwd), name, io.context.now());
  const deployment = readReceivedDeployment(stored.memo, stored.path);
  return readinessOfMemo(project, deployment, stored.path, io.cwd, io.context);
}

/** A repository that is no project can be scanned too. */
function findProject(io: Io): Project | null {
  try {
    return loadProject(findProjectRoot(io.cwd));
  } catch (error) {
    if (error instanceof VibeopsError && error.exit === Exit.notFound) return null;
    throw error;
  }
}

function renderReadiness(io: Io, { items }: Readiness): string {
  const { bold, green, yellow } = styleFor(io);
  return items
    .flatMap(({ question, isAnswered, answers, open, fields }) => [
      `${isAnswered ? green("answered") : yellow("open    ")}  ${bold(question)}`,
      ...answers.map(({ field, value, sources }) => {
        const place = sources.length === 0 ? "" : ` (${sources.join(", ")})`;
        return makeVisible(`            ${field}: ${value}${place}`, { newlines: false });
      }),
      ...open.map((one) => wrapProse(makeVisible(`            - ${one.question}`), lineWidth(io))),
      ...(isAnswered ? [] : [`            in the block: ${fields.join(", ")}`]),
    ])
    .join("\n");
}

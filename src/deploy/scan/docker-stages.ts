import type { Instruction } from "dockerfile-ast";

export interface DockerStage {
  /** In lower case; its number where it has none. */
  readonly name: string;
  /** The first is its FROM. */
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile. Arguments above the first FROM belong to none. */
export function splitStages(instructions: readonly Instruction[]): DockerStage[] {
  const starts = instructions.flatMap((instruction, i) => (instruction.getKeyword() === "FROM" ? [i] : []));
  return starts.map((start, number) => ({
    name: nameOf(instructions[start], number),
    instructions: instructions.slice(start, starts[number + 1] ?? instructions.length),
  }));
}

function nameOf(from: Instruction | undefined, number: number): string {
  const words = from?.getArguments().map((argument) => argument.getValue()) ?? [];
  const as = words.findIndex((word) => word.toUpperCase() === "AS");
  return (as === -1 ? undefined : words[as + 1]?.toLowerCase()) ?? String(number);
}

/** The image or stage that a stage stands on; undefined where its FROM names none. */
export function baseOf(stage: DockerStage): string | undefined {
  const words = stage.instructions[0]?.getArguments().map((argument) => argument.getValue());
  return words?.find((word) => !word.startsWith("--"));
}

/** Instructions that hold for a stage: those of the stages it stands on, then its own; and the FROM below all. */
export function effectiveInstructions(
  stages: readonly DockerStage[],
  stage: DockerStage,
): { instructions: Instruction[]; base: Instruction | undefined } {
  const chain: DockerStage[] = [stage];
  for (let current = stage; ; ) {
    const image = baseOf(current);
    const below = stages
      .slice(0, stages.indexOf(current))
      .findLast((one) => one.name === image?.toLowerCase());
    if (below === undefined) break;
    chain.unshift(below);
    current = below;
  }
  return {
    instructions: chain.flatMap((one) => one.instructions),
    base: chain[0]?.instructions[0],
  };
}

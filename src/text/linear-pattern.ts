import { PatternError, type PatternNode, parsePattern } from "./pattern-syntax.ts";

/** Refuses patterns that repeat a repetition until nobody could hold it in memory. */
const MAX_PROGRAM = 2_000;

type Instruction =
  | { readonly op: "one"; readonly character: RegExp }
  | { readonly op: "start" | "end" | "match" }
  | { readonly op: "split"; readonly to: readonly number[] };

/**
 * A regular expression of JavaScript (flag `u`) without look-around, back references and word boundaries, which takes
 * time linear in the text whatever the pattern: all ways to match are followed at once, none is tried again (Thompson,
 * 1968). `(a+)+$` costs what `a+` does.
 *
 * @returns whether all of a text matches
 * @throws PatternError for what it does not know, and where the pattern is too large
 */
export function linearPattern(source: string): (text: string) => boolean {
  const program: Program = { instructions: [], visits: 0 };
  emit(program, parsePattern(source));
  push(program, { op: "match" });
  return (text) => matchesAll(program.instructions, text);
}

interface Program {
  readonly instructions: Instruction[];
  visits: number;
}

function push({ instructions }: Program, instruction: Instruction): number {
  return instructions.push(instruction) - 1;
}

function emit(program: Program, node: PatternNode): void {
  // Counted apart from what is emitted: nothing, repeated a million times a million times, emits nothing.
  program.visits += 1;
  if (program.visits > MAX_PROGRAM) throw new PatternError("the pattern is too large");
  switch (node.kind) {
    case "one":
      push(program, { op: "one", character: node.character });
      return;
    case "sequence":
      for (const part of node.parts) emit(program, part);
      return;
    case "either":
      emitEither(program, node.parts);
      return;
    case "repeat":
      emitRepeat(program, node);
      return;
    default:
      push(program, { op: node.kind });
  }
}

function emitEither(program: Program, parts: readonly PatternNode[]): void {
  const split = push(program, { op: "split", to: [] });
  const starts: number[] = [];
  const ends: number[] = [];
  for (const part of parts) {
    starts.push(program.instructions.length);
    emit(program, part);
    ends.push(push(program, { op: "split", to: [] }));
  }
  program.instructions[split] = { op: "split", to: starts };
  for (const end of ends) program.instructions[end] = { op: "split", to: [program.instructions.length] };
}

function emitRepeat(program: Program, node: Extract<PatternNode, { kind: "repeat" }>): void {
  const { part, least, most } = node;
  for (let i = 0; i < least; i += 1) emit(program, part);
  if (most === Number.POSITIVE_INFINITY) {
    const loop = push(program, { op: "split", to: [] });
    emit(program, part);
    push(program, { op: "split", to: [loop] });
    program.instructions[loop] = { op: "split", to: [loop + 1, program.instructions.length] };
    return;
  }
  const exits: number[] = [];
  for (let i = least; i < most; i += 1) {
    exits.push(push(program, { op: "split", to: [] }));
    emit(program, part);
  }
  for (const exit of exits)
    program.instructions[exit] = { op: "split", to: [exit + 1, program.instructions.length] };
}

function matchesAll(program: readonly Instruction[], text: string): boolean {
  const characters = Array.from(text);
  let places = reach(program, [0], 0, characters.length);
  for (const [at, character] of characters.entries()) {
    const next = places.filter((place) => {
      const instruction = program[place];
      return instruction?.op === "one" && instruction.character.test(character);
    });
    places = reach(
      program,
      next.map((place) => place + 1),
      at + 1,
      characters.length,
    );
  }
  return places.some((place) => program[place]?.op === "match");
}

/** All places that can be reached without a character; each once. */
function reach(
  program: readonly Instruction[],
  from: readonly number[],
  at: number,
  length: number,
): number[] {
  const seen = new Set<number>();
  const pending = [...from];
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    const instruction = program[place];
    if (instruction?.op === "split") pending.push(...instruction.to);
    else if (instruction?.op === "start" && at === 0) pending.push(place + 1);
    else if (instruction?.op === "end" && at === length) pending.push(place + 1);
  }
  return [...seen];
}

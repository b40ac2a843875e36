import { type Dockerfile, DockerfileParser, type Instruction, type JSONInstruction } from "dockerfile-ast";
import { type Fact, fact } from "./fact.ts";

export interface DockerfileFacts {
  ports: Fact<number>[];
  /** CMD in exec form, behind ENTRYPOINT in exec form where there is one. */
  command?: Fact<string[]>;
  /** HEALTHCHECK's command in exec form. */
  healthCommand?: Fact<string[]>;
  healthPath?: Fact<string>;
  volumes: Fact<string>[];
}

/** What the last stage of a Dockerfile says; a value that depends on a build argument is left out. */
export function scanDockerfile(text: string, file: string): DockerfileFacts {
  const dockerfile = DockerfileParser.parse(text);
  const instructions = lastStage(dockerfile);
  const named = (keyword: string) =>
    instructions.filter((instruction) => instruction.getKeyword() === keyword);
  const facts: DockerfileFacts = {
    ports: named("EXPOSE").flatMap((instruction) => readPorts(instruction, file)),
    volumes: named("VOLUME").flatMap((instruction) => readVolumes(instruction, file)),
  };
  const command = readCommand(named("ENTRYPOINT").at(-1), named("CMD").at(-1), file);
  if (command !== null) facts.command = command;
  Object.assign(facts, readHealth(named("HEALTHCHECK").at(-1), file));
  return facts;
}

function lastStage(dockerfile: Dockerfile): Instruction[] {
  const instructions = dockerfile.getInstructions();
  const from = instructions.findLastIndex((instruction) => instruction.getKeyword() === "FROM");
  return instructions.slice(from + 1);
}

function lineOf(instruction: Instruction): number {
  return instruction.getRange().start.line + 1;
}

function readPorts(instruction: Instruction, file: string): Fact<number>[] {
  return instruction
    .getArguments()
    .map((argument) => /^(\d{1,5})(?:\/tcp)?$/.exec(argument.getValue())?.[1])
    .filter((port) => port !== undefined)
    .map((port) => fact(Number(port), file, lineOf(instruction), "EXPOSE"));
}

function readVolumes(instruction: Instruction, file: string): Fact<string>[] {
  const words = jsonStrings(instruction) ?? instruction.getArguments().map((argument) => argument.getValue());
  return words
    .filter((path) => /^\/[\w./-]+$/.test(path))
    .map((path) => fact(path, file, lineOf(instruction), "VOLUME"));
}

function readCommand(
  entrypoint: Instruction | undefined,
  cmd: Instruction | undefined,
  file: string,
): Fact<string[]> | null {
  const head = entrypoint === undefined ? [] : jsonStrings(entrypoint);
  const tail = cmd === undefined ? [] : jsonStrings(cmd);
  const place = cmd ?? entrypoint;
  if (head === null || tail === null || place === undefined) return null;
  return fact([...head, ...tail], file, lineOf(place), place.getKeyword());
}

function readHealth(instruction: Instruction | undefined, file: string): Partial<DockerfileFacts> {
  const text = instruction?.getRawArgumentsContent();
  if (instruction === undefined || text === undefined || text === null) return {};
  const found: Partial<DockerfileFacts> = {};
  const command = /\bCMD\s+(\[.*\])\s*$/s.exec(text)?.[1];
  const words = command === undefined ? null : parseStrings(command.replaceAll(/\\\r?\n/g, " "));
  if (words !== null) found.healthCommand = fact(words, file, lineOf(instruction), "HEALTHCHECK");
  const path = /(?:https?:\/\/[\w.[\]:${}.-]+)(\/[\w./-]+)/.exec(text)?.[1];
  if (path !== undefined) found.healthPath = fact(path, file, lineOf(instruction), "HEALTHCHECK");
  return found;
}

function jsonStrings(instruction: Instruction): string[] | null {
  const json = instruction as Partial<JSONInstruction>;
  if (json.getOpeningBracket?.() == null) return null;
  return parseStrings(instruction.getRawArgumentsContent() ?? "");
}

function parseStrings(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((word) => typeof word === "string") ? value : null;
  } catch {
    return null;
  }
}

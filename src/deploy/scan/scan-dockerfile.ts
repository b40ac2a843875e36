import { DockerfileParser, type Instruction } from "dockerfile-ast";
import { listPorts, readRange } from "../compose-file/ports.ts";
import { baseOf, type DockerStage, effectiveInstructions, splitStages } from "./docker-stages.ts";
import { DockerVariables, type Expanded } from "./docker-variables.ts";
import { type Fact, fact } from "./fact.ts";
import { type Facts, type FoundPort, joinFacts } from "./facts.ts";
import type { Findings } from "./findings.ts";
import { healthAddressOf, plainWords, withoutExit } from "./health-address.ts";

export interface DockerfileOptions {
  /** The stage that is built; the last one unless told. */
  readonly target?: string | undefined;
  /** Build arguments that somebody sets: they stand instead of the defaults. */
  readonly args?: ReadonlyMap<string, string> | undefined;
  /** Lines of the file above the text, for one that stands in a Compose file. */
  readonly lineBefore?: number | undefined;
}

const MAX_BYTES = 256 * 1024;

/**
 * What the stage that is built says, the stages that it stands on first. A value that depends on a build argument
 * without a default is left out.
 */
export function scanDockerfile(
  text: string,
  file: string,
  findings: Findings,
  options: DockerfileOptions = {},
): Partial<Facts> {
  const lineBefore = options.lineBefore ?? 0;
  const start = { file, line: 1 + lineBefore };
  const instructions = text.length > MAX_BYTES ? null : parseInstructions(text);
  if (instructions === null) {
    findings.add("scan.dockerfile", "warning", "this is no Dockerfile that could be read", start);
    return {};
  }
  const stages = splitStages(instructions);
  const wanted = options.target?.toLowerCase();
  const stage = wanted === undefined ? stages.at(-1) : stages.find((one) => one.name === wanted);
  if (stage === undefined) {
    const message = wanted === undefined ? "this Dockerfile has no FROM" : `there is no stage '${wanted}'`;
    findings.add("scan.dockerfile", "warning", message, start);
    return {};
  }
  for (const one of stages.filter((candidate) => baseOf(candidate) === undefined)) {
    const line = (one.instructions[0]?.getRange().start.line ?? 0) + 1 + lineBefore;
    findings.add("scan.dockerfile", "error", "FROM names no image", { file, line }, "write FROM NAME:TAG");
  }
  const above = new DockerVariables(options.args ?? new Map());
  for (const instruction of instructions.slice(0, instructions.findIndex(isFrom))) above.assign(instruction);
  const variables = new DockerVariables(options.args ?? new Map(), above);
  return new StageReader(file, lineBefore, above, variables).read(stages, stage);
}

function parseInstructions(text: string): Instruction[] | null {
  try {
    return DockerfileParser.parse(text).getInstructions();
  } catch (error) {
    // The parser meets bytes that no Dockerfile ever held.
    if (error instanceof Error) return null;
    throw error;
  }
}

function isFrom(instruction: Instruction): boolean {
  return instruction.getKeyword() === "FROM";
}

type Health = Pick<Facts, "healthPath" | "healthPort" | "healthCommand">;

const NO_HEALTH: Health = { healthPath: [], healthPort: [], healthCommand: [] };

/** Reads a stage from its first line to its last: of what can be only once the later one stands. */
class StageReader {
  readonly #file: string;
  readonly #lineBefore: number;
  readonly #above: DockerVariables;
  readonly #variables: DockerVariables;
  readonly #ports: Fact<FoundPort>[] = [];
  readonly #volumes: Facts["volume"] = [];
  #entrypoint: Instruction | undefined;
  #cmd: Instruction | undefined;
  /** Whether the CMD is of a stage below the one that is read. */
  #isCmdBelow = false;
  #health: Health = NO_HEALTH;
  #user: Fact<string>[] = [];

  constructor(file: string, lineBefore: number, above: DockerVariables, variables: DockerVariables) {
    this.#file = file;
    this.#lineBefore = lineBefore;
    this.#above = above;
    this.#variables = variables;
  }

  read(stages: readonly DockerStage[], stage: DockerStage): Partial<Facts> {
    const { instructions, base } = effectiveInstructions(stages, stage);
    for (const instruction of instructions) this.#take(instruction);
    return joinFacts({ port: this.#ports, volume: this.#volumes }, this.#readStart(), this.#health, {
      remark: [...this.#readBase(base), ...this.#user],
    });
  }

  #take(instruction: Instruction): void {
    const keyword = instruction.getKeyword();
    if (keyword === "ARG" || keyword === "ENV") this.#variables.assign(instruction);
    else if (keyword === "EXPOSE") this.#ports.push(...this.#readPorts(instruction));
    else if (keyword === "VOLUME") this.#volumes.push(...this.#readVolumes(instruction));
    else if (keyword === "HEALTHCHECK") this.#health = this.#readHealth(instruction);
    else if (keyword === "USER") this.#user = this.#readUser(instruction);
    else this.#takeStart(keyword, instruction);
  }

  /** An ENTRYPOINT of a later stage takes away the CMD of the one below. */
  #takeStart(keyword: string | null, instruction: Instruction): void {
    if (keyword === "FROM") this.#isCmdBelow = true;
    else if (keyword === "CMD") {
      this.#cmd = instruction;
      this.#isCmdBelow = false;
    } else if (keyword === "ENTRYPOINT") {
      this.#entrypoint = instruction;
      if (this.#isCmdBelow) this.#cmd = undefined;
    }
  }

  #fact<T>(value: T, line: number, word: string): Fact<T> {
    return fact(value, { file: this.#file, line: line + 1 + this.#lineBefore }, word);
  }

  #readPorts(instruction: Instruction): Fact<FoundPort>[] {
    return instruction.getArguments().flatMap((argument) => {
      const read = this.#variables.expand(argument.getValue());
      const [range = "", protocol = "tcp"] = read?.text.toLowerCase().split("/") ?? [];
      const ports = listPorts(readRange(range));
      if (read === undefined || !["tcp", "udp"].includes(protocol)) return [];
      const udp = protocol === "udp" ? ({ protocol: "udp" } as const) : {};
      const word = `EXPOSE${ports.length > 1 ? ` (of ${range})` : ""}${read.note}`;
      return ports.map((container) =>
        this.#fact({ container, ...udp }, argument.getRange().start.line, word),
      );
    });
  }

  /** Only the path: what the volume is called, the file does not say. */
  #readVolumes(instruction: Instruction): Facts["volume"] {
    const line = instruction.getRange().start.line;
    const words =
      readJsonWords(instruction.getRawArgumentsContent()) ??
      instruction.getArguments().map((argument) => argument.getValue());
    return words
      .map((word) => this.#variables.expand(word)?.text ?? "")
      .filter((path) => /^\/[\w./-]+$/.test(path))
      .map((path) => this.#fact({ name: "", path }, line, "VOLUME"));
  }

  /** A CMD in exec form alone is a command. What has an entry point too, or needs a shell, is told as it stands. */
  #readStart(): Pick<Facts, "command" | "start"> {
    const [head, tail] = [this.#entrypoint, this.#cmd].map(readWords);
    // In shell form an ENTRYPOINT takes no CMD.
    const last =
      head !== undefined && head.words === null ? this.#entrypoint : (this.#cmd ?? this.#entrypoint);
    const text = [head, last === this.#cmd ? tail : undefined].flatMap((one) => one?.text || []).join(" ");
    if (last === undefined || text === "") return { command: [], start: [] };
    const line = last.getRange().start.line;
    if (head === undefined && tail?.words != null)
      return { command: [this.#fact(tail.words, line, last.getKeyword())], start: [] };
    return { command: [], start: [this.#fact(text, line, last.getKeyword())] };
  }

  #readHealth(instruction: Instruction): Health {
    const content = instruction.getRawArgumentsContent()?.replaceAll(/\\\r?\n/g, " ") ?? "";
    const command = /(?:^|\s)CMD\s+(\S[\s\S]*)$/i.exec(content)?.[1];
    if (command === undefined) return NO_HEALTH;
    const words = readJsonWords(command);
    const read: Expanded | undefined = this.#variables.expand(words === null ? command : words.join(" "));
    if (read === undefined) return NO_HEALTH;
    const plain = words === null ? plainWords(withoutExit(read.text)) : words;
    const { path, port } = healthAddressOf(read.text) ?? {};
    const word = `HEALTHCHECK${read.note}`;
    const line = instruction.getRange().start.line;
    const lineOfPath = path === undefined ? line : lineOfText(instruction, path);
    return {
      healthPath: path === undefined ? [] : [this.#fact(path, lineOfPath, word)],
      healthPort: port === undefined ? [] : [this.#fact(port, lineOfPath, word)],
      healthCommand: plain === null ? [] : [this.#fact(plain, line, word)],
    };
  }

  #readBase(from: Instruction | undefined): Fact<string>[] {
    const image = from?.getArguments().find((argument) => !argument.getValue().startsWith("--"));
    if (image === undefined) return [];
    const read = this.#above.expand(image.getValue()) ?? { text: image.getValue(), note: "" };
    return [this.#fact(`is built on ${read.text}`, image.getRange().start.line, `FROM${read.note}`)];
  }

  #readUser(instruction: Instruction): Fact<string>[] {
    const user = instruction.getArguments()[0];
    const name = user === undefined ? undefined : this.#variables.expand(user.getValue())?.text;
    if (user === undefined || name === undefined) return [];
    return [this.#fact(`runs as ${name}`, user.getRange().start.line, "USER")];
  }
}

/** The line of the instruction, which may go over several, that holds a text. */
function lineOfText(instruction: Instruction, text: string): number {
  const lines = (instruction.getTextContent() ?? "").split("\n");
  const found = lines.findIndex((line) => line.includes(text));
  return instruction.getRange().start.line + Math.max(0, found);
}

/** What an instruction says: its words in exec form, null where a shell reads it; and all as one text. */
function readWords(
  instruction: Instruction | undefined,
): { words: string[] | null; text: string } | undefined {
  if (instruction === undefined) return undefined;
  const content = instruction.getRawArgumentsContent() ?? "";
  const words = readJsonWords(content);
  return { words, text: words?.join(" ") ?? content.replaceAll(/\\\r?\n\s*/g, " ") };
}

function readJsonWords(text: string | null): string[] | null {
  if (text === null || !text.trimStart().startsWith("[")) return null;
  try {
    const value: unknown = JSON.parse(text.replaceAll(/\\\r?\n/g, " "));
    return Array.isArray(value) && value.every((word) => typeof word === "string") ? value : null;
  } catch {
    return null;
  }
}

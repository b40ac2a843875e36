import { DockerfileParser, type Instruction } from "dockerfile-ast";
import { listPorts, readRange } from "../compose-file/ports.ts";
import { interpolate } from "../interpolate.ts";
import { baseOf, type DockerStage, effectiveInstructions, splitStages } from "./docker-stages.ts";
import { type Fact, fact } from "./fact.ts";
import type { Facts, FoundPort } from "./facts.ts";
import type { Findings } from "./findings.ts";
import { healthPathOf, plainWords, withoutExit } from "./health-address.ts";

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
  const stages = text.length > MAX_BYTES ? null : parseStages(text);
  if (stages === null) {
    findings.add("scan.dockerfile", "warning", "this is no Dockerfile that could be read", start);
    return {};
  }
  const wanted = options.target?.toLowerCase();
  const stage = wanted === undefined ? stages.at(-1) : stages.find((one) => one.name === wanted);
  if (stage === undefined) {
    const message = wanted === undefined ? "this Dockerfile has no FROM" : `there is no stage '${wanted}'`;
    findings.add("scan.dockerfile", "warning", message, start);
    return {};
  }
  for (const { instructions } of stages.filter((one) => baseOf(one) === undefined)) {
    const line = (instructions[0]?.getRange().start.line ?? 0) + 1 + lineBefore;
    findings.add("scan.dockerfile", "error", "FROM names no image", { file, line }, "write FROM NAME:TAG");
  }
  return new StageReader(stages, stage, file, lineBefore, options.args ?? new Map()).read();
}

function parseStages(text: string): DockerStage[] | null {
  try {
    return splitStages(DockerfileParser.parse(text).getInstructions());
  } catch (error) {
    // The parser meets bytes that no Dockerfile ever held.
    if (error instanceof Error) return null;
    throw error;
  }
}

class StageReader {
  readonly #instructions: readonly Instruction[];
  readonly #base: Instruction | undefined;
  readonly #file: string;
  readonly #lineBefore: number;
  readonly #values = new Map<string, string>();
  /** Build arguments whose value is only a default. */
  readonly #defaults = new Set<string>();

  constructor(
    stages: readonly DockerStage[],
    stage: DockerStage,
    file: string,
    lineBefore: number,
    args: ReadonlyMap<string, string>,
  ) {
    const { instructions, base } = effectiveInstructions(stages, stage);
    this.#instructions = instructions;
    this.#base = base;
    this.#file = file;
    this.#lineBefore = lineBefore;
    for (const instruction of instructions) this.#assign(instruction, args);
  }

  read(): Partial<Facts> {
    const command = this.#readCommand();
    return {
      port: this.#named("EXPOSE").flatMap((one) => this.#readPorts(one)),
      volume: this.#named("VOLUME").flatMap((one) => this.#readVolumes(one)),
      command: command === null ? [] : [command],
      ...this.#readHealth(),
      remark: [...this.#readBase(), ...this.#readUser()],
    };
  }

  #named(keyword: string): Instruction[] {
    return this.#instructions.filter((instruction) => instruction.getKeyword() === keyword);
  }

  #fact<T>(value: T, line: number, word: string): Fact<T> {
    return fact(value, { file: this.#file, line: line + 1 + this.#lineBefore }, word);
  }

  #assign(instruction: Instruction, args: ReadonlyMap<string, string>): void {
    const keyword = instruction.getKeyword();
    if (keyword !== "ARG" && keyword !== "ENV") return;
    for (const argument of instruction.getArguments()) {
      const [name = "", ...rest] = argument.getValue().split("=");
      const given = keyword === "ARG" ? args.get(name) : undefined;
      const stated = rest.length === 0 ? undefined : rest.join("=").replaceAll(/^["']|["']$/g, "");
      this.#set(name, given ?? stated, keyword === "ARG" && given === undefined);
    }
  }

  #set(name: string, text: string | undefined, isDefault: boolean): void {
    const value = text === undefined ? undefined : this.#expand(text)?.text;
    if (value === undefined) return;
    this.#values.set(name, value);
    if (isDefault) this.#defaults.add(name);
    else this.#defaults.delete(name);
  }

  /** The text with its variables; undefined where one is not known. The note says whose default was taken. */
  #expand(text: string): { text: string; note: string } | undefined {
    const { text: expanded, defaults, variables } = interpolate(text, this.#values);
    if (expanded === null) return undefined;
    const taken = [
      ...defaults,
      ...variables.map(({ name }) => name).filter((name) => this.#defaults.has(name)),
    ];
    return {
      text: expanded,
      note: taken.length === 0 ? "" : ` (default of ${[...new Set(taken)].join(", ")})`,
    };
  }

  #readPorts(instruction: Instruction): Fact<FoundPort>[] {
    return instruction.getArguments().flatMap((argument) => {
      const read = this.#expand(argument.getValue());
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
  #readVolumes(instruction: Instruction) {
    const line = instruction.getRange().start.line;
    const words =
      readJsonWords(instruction.getRawArgumentsContent()) ??
      instruction.getArguments().map((argument) => argument.getValue());
    return words
      .map((word) => this.#expand(word)?.text ?? "")
      .filter((path) => /^\/[\w./-]+$/.test(path))
      .map((path) => this.#fact({ name: "", path }, line, "VOLUME"));
  }

  #readCommand(): Fact<string[]> | null {
    const last = this.#instructions.findLast((one) => ["ENTRYPOINT", "CMD"].includes(one.getKeyword()));
    if (last === undefined) return null;
    const entrypoint = this.#named("ENTRYPOINT").at(-1);
    const cmd = this.#named("CMD").at(-1);
    // An ENTRYPOINT of a later stage takes away the CMD of the one below.
    const isStale = entrypoint !== undefined && cmd !== undefined && this.#isBelow(cmd, entrypoint);
    const head = entrypoint === undefined ? [] : readJsonWords(entrypoint.getRawArgumentsContent());
    const tail = cmd === undefined || isStale ? [] : readJsonWords(cmd.getRawArgumentsContent());
    if (head === null || tail === null || head.length + tail.length === 0) return null;
    const place = cmd === undefined || isStale ? (entrypoint ?? last) : cmd;
    return this.#fact([...head, ...tail], place.getRange().start.line, place.getKeyword());
  }

  #isBelow(cmd: Instruction, entrypoint: Instruction): boolean {
    const from = this.#instructions.findLastIndex((one) => one.getKeyword() === "FROM");
    return this.#instructions.indexOf(cmd) < from && this.#instructions.indexOf(entrypoint) > from;
  }

  #readHealth(): Pick<Facts, "healthPath" | "healthCommand"> {
    const instruction = this.#named("HEALTHCHECK").at(-1);
    const none = { healthPath: [], healthCommand: [] };
    const content = instruction?.getRawArgumentsContent()?.replaceAll(/\\\r?\n/g, " ") ?? "";
    const command = /(?:^|\s)CMD\s+(\S[\s\S]*)$/i.exec(content)?.[1];
    if (instruction === undefined || command === undefined) return none;
    const words = readJsonWords(command);
    const read = this.#expand(words === null ? command : words.join(" "));
    if (read === undefined) return none;
    const plain = words === null ? plainWords(withoutExit(read.text)) : words;
    const path = healthPathOf(read.text);
    const word = `HEALTHCHECK${read.note}`;
    const line = instruction.getRange().start.line;
    return {
      healthPath: path === undefined ? [] : [this.#fact(path, lineOfText(instruction, path), word)],
      healthCommand: plain === null ? [] : [this.#fact(plain, line, word)],
    };
  }

  #readBase(): Fact<string>[] {
    const image = this.#base?.getArguments().find((argument) => !argument.getValue().startsWith("--"));
    if (image === undefined) return [];
    return [this.#fact(`is built on ${image.getValue()}`, image.getRange().start.line, "FROM")];
  }

  #readUser(): Fact<string>[] {
    const user = this.#named("USER").at(-1)?.getArguments()[0];
    const name = user === undefined ? undefined : this.#expand(user.getValue())?.text;
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

function readJsonWords(text: string | null): string[] | null {
  if (text === null || !text.trimStart().startsWith("[")) return null;
  try {
    const value: unknown = JSON.parse(text.replaceAll(/\\\r?\n/g, " "));
    return Array.isArray(value) && value.every((word) => typeof word === "string") ? value : null;
  } catch {
    return null;
  }
}

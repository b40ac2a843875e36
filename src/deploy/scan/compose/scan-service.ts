import { posix } from "node:path";
import { byName } from "../../compose-file/by-name.ts";
import { readEnvLines } from "../../compose-file/env-values.ts";
import type { ComposeProject, ComposeService } from "../../compose-file/project.ts";
import { kindOfImage } from "../../known-kinds.ts";
import { at, entriesOf, itemsOf, type Located, oneOrMore, textOf, wordsOf } from "../../located/located.ts";
import { type Fact, fact } from "../fact.ts";
import {
  type Facts,
  type FoundDependency,
  type FoundVariable,
  joinFacts,
  type Unit,
  type UnitBuild,
} from "../facts.ts";
import type { Findings } from "../findings.ts";
import { plainWords } from "../health-address.ts";
import { plainMemory } from "../memory.ts";
import type { RepositoryFiles } from "../repository-files.ts";
import { readHealth } from "./service-health.ts";
import { readDomains, readPorts } from "./service-network.ts";
import { ServiceReader } from "./service-reader.ts";
import { readRemarks } from "./service-remarks.ts";
import { readMounts } from "./service-storage.ts";

/** One service of a Compose project, with all that its text says. */
export function scanService(
  service: ComposeService,
  project: ComposeProject,
  files: RepositoryFiles,
  findings: Findings,
): Unit {
  const reader = new ServiceReader(service);
  const image = reader.textAt("image");
  const build = readBuild(reader, files, findings);
  const kind = image === undefined || build !== undefined ? undefined : kindOfImage(image.text);
  return {
    name: service.name,
    place: fact(service.name, service.place, "services"),
    facts: joinFacts(
      { image: image === undefined ? [] : [reader.fact(image.text, image, "image")] },
      { port: readPorts(reader), domain: readDomains(reader), ...readStart(reader) },
      { variable: readVariables(reader, files), dependency: readDependencies(reader, project) },
      readMounts(reader),
      readLimits(reader),
      readHealth(reader),
      { remark: readRemarks(reader) },
    ),
    isOwn: reader.get("build") !== undefined,
    isOptional: isOptional(reader, project),
    ...(kind === undefined ? {} : { kind }),
    ...(build === undefined ? {} : { build }),
  };
}

/** Whether none of its profiles is on. */
function isOptional(reader: ServiceReader, { profiles }: ComposeProject): boolean {
  const own = itemsOf(reader.get("profiles")).map((node) => reader.text(node)?.text ?? "");
  return own.length > 0 && !own.some((profile) => profiles.has(profile) || profiles.has("*"));
}

function readBuild(reader: ServiceReader, files: RepositoryFiles, findings: Findings): UnitBuild | undefined {
  const node = reader.get("build");
  if (node === undefined) return undefined;
  const context = reader.text(node.kind === "map" ? (at(node, "context") ?? node) : node)?.text ?? ".";
  const inline = at(node, "dockerfile_inline");
  const named = reader.text(at(node, "dockerfile"))?.text ?? "Dockerfile";
  if (/^(?:https?|git|ssh|oci):|^git@/.test(context)) return undefined;
  const folder = reader.folderOf(node.place);
  const from = files.locate(folder, context) ?? ".";
  const path = files.resolve(folder, posix.join(context.replaceAll("\\", "/"), named), node.place);
  if (path === null && inline === undefined) return undefined;
  if (inline === undefined && path !== null && !files.has(path)) {
    findings.add("scan.missing", "warning", `build names ${path}, which is not here`, node.place);
  }
  const target = reader.text(at(node, "target"))?.text;
  return {
    dockerfile: path ?? "",
    context: from,
    ...(target === undefined ? {} : { target }),
    args: readArguments(reader, at(node, "args")),
    ...(inline?.kind === "scalar"
      ? { inline: { text: inline.text, file: inline.place.file, lineBefore: inline.place.line } }
      : {}),
  };
}

function readArguments(reader: ServiceReader, node: Located | undefined): ReadonlyMap<string, string> {
  const args = new Map<string, string>();
  for (const [name, { value }] of entriesOf(node === undefined ? undefined : byName(node))) {
    const read = reader.text(value);
    if (read !== undefined) args.set(name, read.text);
  }
  return args;
}

/** A command of plain words stands behind the image's entry point. With an entry point of its own it is only told. */
function readStart(reader: ServiceReader): Pick<Facts, "command" | "start"> {
  const entry = reader.get("entrypoint");
  const command = reader.get("command");
  const stated = [entry, command].flatMap((node) => (node === undefined ? [] : [textOfCommand(node)]));
  const text = stated.filter((words) => words !== "").join(" ");
  const words = command === undefined ? null : commandWords(reader, command);
  if (text === "") return { command: [], start: [] };
  if (entry === undefined && command !== undefined && words !== null)
    return { command: [fact(words, command.place, "command")], start: [] };
  const [node, word] = entry === undefined ? [command, "command"] : [entry, "entrypoint"];
  return { command: [], start: node === undefined ? [] : [fact(text, node.place, word)] };
}

/** As it was written: what variables make of it, only who starts it knows. */
function textOfCommand(node: Located): string {
  return (node.kind === "list" ? node.items : [node]).map((word) => textOf(word) ?? "").join(" ");
}

function commandWords(reader: ServiceReader, node: Located): string[] | null {
  const words = wordsOf(node);
  if (words === null) return plainWords(reader.text(node)?.text ?? "");
  const read = words.map((word) => reader.text(word)?.text);
  return read.every((word) => word !== undefined) ? read : null;
}

function readVariables(reader: ServiceReader, files: RepositoryFiles): Fact<FoundVariable>[] {
  const environment = reader.get("environment");
  const own = entriesOf(environment === undefined ? undefined : byName(environment)).map(
    ([name, { key, value }]) => {
      const asked = reader.mentioned.find((one) => one.place === value.place && one.required !== undefined);
      const required = asked?.required === undefined ? {} : { required: asked.required };
      return fact<FoundVariable>({ name, ...required }, key, "environment");
    },
  );
  const fromFiles = oneOrMore(reader.get("env_file")).flatMap((node) => readEnvFile(reader, node, files));
  return [...own, ...fromFiles];
}

/** A file that is not here is the usual case: it holds the values, and those are in no repository. */
function readEnvFile(reader: ServiceReader, node: Located, files: RepositoryFiles): Fact<FoundVariable>[] {
  const name = reader.text(node.kind === "map" ? at(node, "path") : node)?.text;
  if (name === undefined) return [];
  const found = files.readFrom(reader.folderOf(node.place), name, node.place);
  if (found?.text == null) return [];
  const { path } = found;
  return readEnvLines(found.text).map((one) =>
    fact({ name: one.name }, { file: path, line: one.line }, "env_file"),
  );
}

function readDependencies(reader: ServiceReader, project: ComposeProject): Fact<FoundDependency>[] {
  const wanted = reader.get("depends_on");
  const named = entriesOf(wanted === undefined ? undefined : byName(wanted)).map(
    ([name, { key }]) => [name, key, "depends_on"] as const,
  );
  const linked = itemsOf(reader.get("links")).flatMap((node) => {
    const name = reader.text(node)?.text.split(":", 1)[0];
    return name === undefined ? [] : [[name, node.place, "links"] as const];
  });
  return [...named, ...linked].map(([name, place, word]) => fact(describe(name, project), place, word));
}

function describe(name: string, project: ComposeProject): FoundDependency {
  const other = project.services.get(name);
  const image = other === undefined ? undefined : new ServiceReader(other).textAt("image")?.text;
  const kind = image === undefined ? undefined : kindOfImage(image);
  const isBuilt = other?.body.entries.has("build") === true;
  return {
    name,
    ...(kind === undefined ? {} : { kind }),
    ...(image === undefined || isBuilt ? {} : { image }),
  };
}

function readLimits(reader: ServiceReader): Pick<Facts, "memory" | "cpus"> {
  const stated = (old: string, name: string) =>
    [reader.textAt("deploy", "resources", "limits", name), reader.textAt(old)].filter(
      (read) => read !== undefined,
    );
  const cpus = stated("cpus", "cpus").filter(
    ({ text }) => /^(?:\d{1,4})?(?:\.\d{1,3})?$/.test(text) && Number(text) > 0,
  );
  return {
    memory: stated("mem_limit", "memory").map((read) =>
      reader.fact(plainMemory(read.text), read, "limits.memory"),
    ),
    cpus: cpus.map((read) => reader.fact(Number(read.text), read, "limits.cpus")),
  };
}

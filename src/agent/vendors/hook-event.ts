import { isAbsolute, resolve } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import { readPatchPaths } from "../../guard/patch-paths.ts";
import type { HookForm } from "./hooks.ts";

/** What a vendor's tool is about to do, as far as the guard has to know. */
export type ToolUse =
  | { kind: "reads" }
  | { kind: "command"; command: string; folder: string }
  | { kind: "edits"; paths: readonly string[]; folder: string };

/**
 * Reads the event that a vendor sends before a tool runs.
 *
 * @param cwd where paths start when the event does not say
 * @throws VibeopsError `guard.event` for whatever cannot be read, or is not known to be harmless
 */
export function readToolUse(text: string, form: HookForm, cwd: string): ToolUse {
  const event = parseObject(text);
  if (event.hook_event_name !== form.before) {
    throw refusal(`the event is ${quote(event.hook_event_name)}, not ${form.before}`);
  }
  const name = event.tool_name;
  if (typeof name !== "string" || name === "") throw refusal("the event names no tool");
  if (form.readers.test(name)) return { kind: "reads" };
  const { tool_input: input } = event;
  if (!isObject(input)) throw refusal(`the tool ${quote(name)} has no input that can be read`);
  const folder = folderOf(event, input, cwd);
  if (form.shells.includes(name)) return { kind: "command", command: commandOf(input), folder };
  if (form.patchers.includes(name)) return { kind: "edits", paths: patchedPaths(input), folder };
  if (form.editors.includes(name)) return { kind: "edits", paths: editedPaths(input), folder };
  throw refusal(`the guard does not know the tool ${quote(name)}, which may write`);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refusal("what the hook was sent is not JSON");
  }
  if (!isObject(value)) throw refusal("what the hook was sent is no event");
  return value;
}

/** Where the tool runs: what it asks for counts from the folder of the session. */
function folderOf(
  event: Readonly<Record<string, unknown>>,
  input: Readonly<Record<string, unknown>>,
  cwd: string,
): string {
  const session = typeof event.cwd === "string" && isAbsolute(event.cwd) ? event.cwd : cwd;
  const asked = [input.workdir, input.cwd, input.dir_path, input.directory].find(
    (value) => value !== undefined,
  );
  if (asked === undefined || asked === null) return session;
  if (typeof asked !== "string") throw refusal("the folder of the tool cannot be read");
  return resolve(session, asked);
}

function commandOf({ command, cmd }: Readonly<Record<string, unknown>>): string {
  const given = command ?? cmd;
  if (typeof given === "string") return given;
  if (Array.isArray(given) && given.length > 0 && given.every((word) => typeof word === "string")) {
    return given.map((word: string) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  }
  throw refusal("the command of the tool cannot be read");
}

function patchedPaths({ command, input, patch }: Readonly<Record<string, unknown>>): readonly string[] {
  const text = command ?? input ?? patch;
  const paths = typeof text === "string" ? readPatchPaths(text) : null;
  if (paths === null) throw refusal("which files the patch writes cannot be read");
  return paths;
}

/** Every field that could be the path, since the vendors have named it in several ways. */
function editedPaths(input: Readonly<Record<string, unknown>>): readonly string[] {
  const given = [input.file_path, input.notebook_path, input.path, input.absolute_path].filter(
    (value) => value !== undefined,
  );
  const nested = Array.isArray(input.edits)
    ? input.edits.filter(isObject).flatMap(({ file_path: path }) => (path === undefined ? [] : [path]))
    : [];
  const paths = [...given, ...nested];
  if (paths.length === 0) throw refusal("the tool names no file");
  return paths.map((path) => {
    if (typeof path === "string") return path;
    throw refusal("the file of the tool cannot be read");
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function quote(value: unknown): string {
  return JSON.stringify(typeof value === "string" ? value.slice(0, 80) : null);
}

function refusal(message: string): VibeopsError {
  return new VibeopsError({ code: "guard.event", exit: Exit.usage, message });
}

import * as z from "zod/mini";
import { Exit, VibeopsError } from "../../errors.ts";
import { sha256 } from "../../platform/hash.ts";
import { quoteCommand } from "../../platform/quote.ts";
import {
  type ActionDefinition,
  type ParameterDefinition,
  readArgument,
} from "../../project/action-definition.ts";
import { PROJECT_FILE } from "../../project/discovery.ts";
import type { Project } from "../../project/project.ts";
import { linearPattern } from "../../text/linear-pattern.ts";
import { type Action, defineAction } from "./action.ts";
import { argument, flag } from "./parameters.ts";

type Parameters = Readonly<Record<string, string>>;

/**
 * The actions that a project defines in vibeops.yaml. They go the same way as those that come with vibeops, but
 * vouch for less: nothing says that their checks only read, and their tier is never below the host's.
 *
 * @param builtin names that are taken
 * @throws VibeopsError `action.shadow`
 */
export function definedActions(project: Project, builtin: readonly Action[]): Action[] {
  return Object.entries(project.config.actions).map(([name, definition]) => {
    if (builtin.some((action) => action.name === name)) throw shadow(project, name);
    return defineAction<Parameters>({
      name,
      summary: definition.description,
      version: sha256(JSON.stringify(definition)),
      schema: schemaOf(definition),
      says: {
        check: definition.check === undefined ? "none" : definition.check.join(" "),
        rollback: definition.rollback?.join(" ") ?? `none: ${definition.no_rollback ?? "nothing to undo"}`,
        example: exampleOf(definition),
      },
      defined: { file: PROJECT_FILE, ...(definition.tier === undefined ? {} : { tier: definition.tier }) },
      effect: () => {
        const effect = definition.tier === "destructive" ? "destructive" : "host";
        return { run: effect, rollback: effect };
      },
      compile: (params) => ({
        ...compileTemplate("run", definition, params),
        ...compileTemplate("check", definition, params),
        ...compileTemplate("rollback", definition, params),
        ...(definition.no_rollback === undefined ? {} : { noRollback: definition.no_rollback }),
      }),
    });
  });
}

function shadow(project: Project, name: string): VibeopsError {
  return new VibeopsError({
    code: "action.shadow",
    exit: Exit.invalid,
    message: `${name} comes with vibeops, and a project cannot give it another meaning`,
    file: PROJECT_FILE,
    line: project.lineOf(["actions", name]),
    fix: "give it another name",
  });
}

function compileTemplate(
  kind: "run" | "check" | "rollback",
  definition: ActionDefinition,
  params: Parameters,
) {
  const template = definition[kind];
  if (template === undefined) return {};
  return { [kind]: { script: quoteCommand(fill(template, params)) } };
}

/**
 * Fills a template in. A value that would stand at the beginning of an argument must not begin with a dash, which
 * the program would take for an option; right after `--` it takes none. Behind further words it may: those can name
 * another program, as in `sudo -- rm ${path}`, to which the `--` says nothing.
 *
 * @throws VibeopsError `action.parameters`
 */
function fill(template: readonly string[], params: Parameters): string[] {
  return template.map((written, i) => {
    const parts = readArgument(written);
    const filled = parts
      .map((part) => ("text" in part ? part.text : (params[part.parameter] ?? "")))
      .join("");
    const [first] = parts;
    const isOption = first !== undefined && "parameter" in first && filled.startsWith("-");
    if (!isOption || endsOptions(template.slice(0, i))) return filled;
    throw new VibeopsError({
      code: "action.parameters",
      exit: Exit.invalid,
      message: `${first.parameter} begins with a dash, and the program would take it for an option`,
      fix: "write another value; or let the action's template have a -- right before it",
      facts: { paths: [[first.parameter]] },
    });
  });
}

/** Whether these words end in a `--`, or in one and parameters. */
function endsOptions(before: readonly string[]): boolean {
  const last = before.findLast((word) => !readArgument(word).every((part) => "parameter" in part));
  return last === "--";
}

function schemaOf({ parameters }: ActionDefinition): z.ZodMiniType<Parameters> {
  const shape = Object.fromEntries(
    Object.entries(parameters).map(([name, one]) => [name, withDefault(typeOf(one), one)]),
  );
  return z.strictObject(shape);
}

function withDefault(type: z.ZodMiniType<string>, one: ParameterDefinition): z.ZodMiniType<string> {
  const described = one.description === undefined ? type : type.check(z.describe(one.description));
  return one.default === undefined ? described : z._default(described, String(one.default));
}

function typeOf(one: ParameterDefinition): z.ZodMiniType<string> {
  switch (one.type) {
    case "boolean":
      return z.pipe(flag, z.transform(String));
    case "enum":
      return z.enum(one.values);
    case "number":
      return numberText(one);
    default:
      return stringText(one);
  }
}

function stringText({ pattern, max_length }: Extract<ParameterDefinition, { type: "string" }>) {
  const text = argument.check(z.maxLength(max_length));
  if (pattern === undefined) return text;
  // Who writes vibeops.yaml chooses it, so it must not be one that tries every way there is.
  return text.check(
    z.refine(linearPattern(pattern), { error: `must be text like ${pattern}` }),
    z.meta({ pattern }),
  );
}

function numberText({ min, max }: Extract<ParameterDefinition, { type: "number" }>) {
  const bounds = {
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  };
  return z.string().check(
    z.regex(/^-?\d{1,15}(?:\.\d{1,9})?$/, { error: "must be a number" }),
    z.meta({ type: "number", ...bounds }),
    z.refine((text) => Number(text) >= (min ?? -Infinity) && Number(text) <= (max ?? Infinity), {
      error: `must be a number from ${min ?? "any"} to ${max ?? "any"}`,
    }),
  );
}

/** Its defaults, and for the rest a value of the right type; where a pattern is asked for, the pattern itself. */
function exampleOf({ parameters }: ActionDefinition): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, one]) => [name, String(one.default ?? exampleValue(one))]),
  );
}

function exampleValue(one: ParameterDefinition): string {
  if (one.type === "boolean") return "true";
  if (one.type === "number") return String(one.min ?? one.max ?? 1);
  if (one.type === "enum") return one.values[0] ?? "";
  return one.pattern ?? "text";
}

import * as z from "zod/mini";
import { Exit, VibeopsError } from "../../errors.ts";
import { sha256 } from "../../platform/hash.ts";
import type { Project } from "../../project/project.ts";
import { parseDuration } from "../../text/duration.ts";
import { describeIssues } from "../../text/schema-issues.ts";
import { nearest } from "../../text/similar.ts";
import type { FenceInfo } from "../fence-info.ts";
import { fenceDefaults } from "../fence-info.ts";
import type { ActionCall, CommandKind } from "../runbook.ts";
import type { Tier } from "../tier.ts";
import type { Action, CompiledCommand, CompileSource, Effect } from "./action.ts";
import { backupCreate } from "./backup-create.ts";
import { backupRestore } from "./backup-restore.ts";
import { caddyReload } from "./caddy-reload.ts";
import { caddyValidate } from "./caddy-validate.ts";
import { composeDown } from "./compose-down.ts";
import { composePull } from "./compose-pull.ts";
import { composeRestart } from "./compose-restart.ts";
import { composeUp } from "./compose-up.ts";
import { definedActions } from "./defined-actions.ts";
import { filesInstall } from "./files-install.ts";
import { httpCheck } from "./http-check.ts";
import { nginxReload } from "./nginx-reload.ts";
import { nginxValidate } from "./nginx-validate.ts";
import { processStart } from "./process-start.ts";
import { processStop } from "./process-stop.ts";
import { releasePlace } from "./release-place.ts";
import { releaseSwitch } from "./release-switch.ts";
import { secretPlace } from "./secret-place.ts";
import { serviceRestart } from "./service-restart.ts";
import { wait } from "./wait.ts";

const ACTIONS: readonly Action[] = [
  backupCreate,
  backupRestore,
  caddyReload,
  caddyValidate,
  composeDown,
  composePull,
  composeRestart,
  composeUp,
  filesInstall,
  httpCheck,
  nginxReload,
  nginxValidate,
  processStart,
  processStop,
  releasePlace,
  releaseSwitch,
  secretPlace,
  serviceRestart,
  wait,
];

/** All actions by name: those that come with vibeops, and what the project defines. */
export function listActions(defined: readonly Action[] = []): readonly Action[] {
  return [...ACTIONS, ...defined].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a project defines. @throws VibeopsError `action.shadow` */
export function readDefinedActions(project: Project): Action[] {
  return definedActions(project, ACTIONS);
}

export function findAction(name: string, defined: readonly Action[] = []): Action | undefined {
  return [...ACTIONS, ...defined].find((action) => action.name === name);
}

/** A command as it stands in a fence under its action. */
export type CompiledFence = FenceInfo & { readonly script: string };

export interface CompiledAction {
  readonly run?: CompiledFence;
  readonly check?: CompiledFence;
  readonly rollback?: CompiledFence;
  readonly noRollback?: string;
  /** That an action's check only reads is believed of those that come with vibeops. */
  readonly effect: Readonly<Record<CommandKind, Effect>>;
  /** The project defines it in vibeops.yaml. */
  readonly isDefinedHere: boolean;
  /** What none of its commands is below, whatever the host. */
  readonly leastTier?: Tier;
}

/**
 * Compiles an action's parameters to its commands; the same parameters and files give the same commands.
 *
 * @throws VibeopsError `action.unknown`, `action.parameters`, and what `source.readFile` throws
 */
export function compileAction(
  call: Pick<ActionCall, "use" | "hosts" | "with" | "timeout"> & Partial<Pick<ActionCall, "together">>,
  source: CompileSource,
): CompiledAction {
  const action = requireAction(call.use, source.actions);
  const params = readParameters(action, call.with);
  const compiled = action.compile(params, source);
  const longest = call.timeout === undefined ? {} : { timeout: call.timeout };
  return {
    effect: { ...action.effect(params), check: action.defined === undefined ? "read" : "host" },
    isDefinedHere: action.defined !== undefined,
    ...(action.defined?.tier === undefined ? {} : { leastTier: action.defined.tier }),
    ...(compiled.run && { run: toFence("run", call, { ...compiled.run, ...longest }) }),
    ...(compiled.check && { check: toFence("check", call, compiled.check) }),
    ...(compiled.rollback && {
      rollback: toFence("rollback", call, { ...compiled.rollback, ...longest }),
    }),
    ...(compiled.noRollback === undefined ? {} : { noRollback: compiled.noRollback }),
  };
}

function requireAction(name: string, defined: readonly Action[] = []): Action {
  const action = findAction(name, defined);
  if (action !== undefined) return action;
  const near = nearest(
    name,
    listActions(defined).map((known) => known.name),
  );
  throw new VibeopsError({
    code: "action.unknown",
    exit: Exit.invalid,
    message: `there is no action '${name}'`,
    fix: near === undefined ? "see: vibeops runbook actions" : `did you mean ${near}?`,
  });
}

function readParameters(action: Action, written: unknown): unknown {
  const result = action.schema.safeParse(scalarsAsText(written));
  if (result.success) return result.data;
  const issues = describeIssues(result.error, action.schema);
  throw new VibeopsError({
    code: "action.parameters",
    exit: Exit.invalid,
    message: `${action.name}: ${issues.map((issue) => issue.message).join("; ")}`,
    fix: issues[0]?.fix,
    facts: { paths: issues.map((issue) => issue.path) },
  });
}

/** YAML that somebody wrote comes as text only; a program may pass numbers and switches. */
function scalarsAsText(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.map(scalarsAsText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scalarsAsText(inner)]));
}

function toFence(
  kind: CommandKind,
  { hosts, together = false }: Pick<ActionCall, "hosts"> & Partial<Pick<ActionCall, "together">>,
  command: CompiledCommand,
): CompiledFence {
  const defaults = fenceDefaults(kind);
  return {
    kind,
    hosts,
    together: together && kind !== "rollback",
    script: command.script.replace(/\n$/, ""),
    timeoutMs: milliseconds(command.timeout, defaults.timeoutMs),
    attempts: command.attempts ?? defaults.attempts,
    intervalMs: milliseconds(command.interval, defaults.intervalMs),
    ...(command.expect === undefined ? {} : { expect: command.expect }),
  };
}

function milliseconds(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : (parseDuration(text) ?? fallback);
}

/** The JSON Schema of an action's parameters, as somebody writes them. */
export function parameterSchema(action: Action): unknown {
  const schema = z.toJSONSchema(action.schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // Left out by zod where the value becomes another type; somebody who writes one wants to know.
      const { def } = zodSchema._zod;
      if (def.type === "default") jsonSchema.default = def.defaultValue as typeof jsonSchema.default;
    },
  });
  return { type: "object", ...schema };
}

/** What an approval holds of an action's definition: it changes when the meaning of the action does. */
export function definitionHash(action: Action): string {
  return sha256(JSON.stringify([action.name, action.version, parameterSchema(action)]));
}

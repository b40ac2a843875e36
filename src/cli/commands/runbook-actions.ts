import { stringify } from "yaml";
import { Exit, VibeopsError } from "../../errors.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import type { Action } from "../../runbook/actions/action.ts";
import { findAction, listActions, readDefinedActions } from "../../runbook/actions/actions.ts";
import {
  type ActionDescription,
  describeAction,
  type ParameterText,
} from "../../runbook/actions/describe-action.ts";
import { nearest } from "../../text/similar.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { alignColumns, lineWidth, type Style, styleFor } from "../style.ts";

export async function runRunbookActions(
  io: Io,
  args: readonly string[],
  _options: Options,
): Promise<Outcome> {
  const [name] = args;
  const defined = projectActions(io.cwd);
  const found = name === undefined ? listActions(defined) : [requireAction(name, defined)];
  const actions = found.map(describeAction);
  const text =
    name === undefined
      ? renderList(io, actions)
      : actions.map((one) => render(one, styleFor(io), lineWidth(io))).join("\n\n");
  return outcome({ actions, keys: CALL_KEYS }, makeVisible(text));
}

/** What stands beside `use` and `with` in every `yaml action` fence. */
const CALL_KEYS: Readonly<Record<string, string>> = {
  host: "where it goes: web1, or a list such as [web1, web2], which it goes over one after another",
  together: "true: to all of its hosts at the same time",
  timeout: "how long its run and its rollback may take on a host, such as 5m",
  delegated: "true: an agent may run the step by itself, once a person approved it so",
};

/** Outside of a project there are those that come with vibeops. */
function projectActions(cwd: string): readonly Action[] {
  try {
    return readDefinedActions(loadProject(findProjectRoot(cwd)));
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "project.missing") return [];
    throw error;
  }
}

function renderList(io: Io, actions: readonly ActionDescription[]): string {
  const rows = alignColumns(
    actions.map(({ name, summary, file }) => [name, file === undefined ? summary : `${summary} (${file})`]),
    lineWidth(io),
  );
  return [...rows, "", typeable(io, "All about one: vibeops runbook actions NAME")].join("\n");
}

function render(action: ActionDescription, style: Style, width: number | undefined): string {
  const { name, summary, file, tier, check, rollback, parameters } = action;
  return [
    style.bold(name),
    `  ${summary}`,
    ...(file === undefined ? [] : [`  defined in ${file}`]),
    "",
    ...alignColumns(
      [
        ["  tier", tier],
        ["  check", check],
        ["  way back", rollback],
      ],
      width,
    ),
    ...(parameters.length === 0 ? [] : ["", "Parameters:"]),
    ...renderParameters(parameters, width),
    "",
    "Beside `use` and `with`:",
    ...alignColumns(
      Object.entries(CALL_KEYS).map(([key, says]) => [`  ${key}`, says]),
      width,
    ),
    "",
    "Example:",
    "  ```yaml action",
    ...exampleLines(action).map((line) => `  ${line}`),
    "  ```",
  ].join("\n");
}

/** Where an action has several forms, each under its `kind`. */
function renderParameters(parameters: readonly ParameterText[], width: number | undefined): string[] {
  const kinds = [...new Set(parameters.map((one) => one.kind))];
  return kinds.flatMap((kind) => {
    const rows = parameters
      .filter((one) => one.kind === kind && (kind === undefined || one.name !== "kind"))
      .map((one) => [`  ${one.name}`, one.type, needText(one), one.description ?? ""]);
    return [...(kind === undefined ? [] : [`  with kind: ${kind}`]), ...alignColumns(rows, width)];
  });
}

function needText(one: ParameterText): string {
  if (one.required) return "required";
  const { default: value } = one;
  if (value === undefined) return "optional";
  return `default ${typeof value === "string" ? value : JSON.stringify(value)}`;
}

function exampleLines({ name, example }: ActionDescription): string[] {
  const text = stringify({ use: name, host: "web1", with: example }, { lineWidth: 0 });
  return text.trimEnd().split("\n");
}

function requireAction(name: string, defined: readonly Action[]): Action {
  const action = findAction(name, defined);
  if (action !== undefined) return action;
  const names = listActions(defined).map((one) => one.name);
  const near = nearest(name, names);
  throw new VibeopsError({
    code: "action.unknown",
    exit: Exit.notFound,
    message: `there is no action '${name}'${near === undefined ? "" : `; did you mean '${near}'?`}`,
    fix: `one of: ${names.join(", ")}`,
  });
}

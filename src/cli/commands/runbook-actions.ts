import { Exit, VibeopsError } from "../../errors.ts";
import type { Action } from "../../runbook/actions/action.ts";
import { findAction, listActions, parameterSchema } from "../../runbook/actions/actions.ts";
import { nearest } from "../../text/similar.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { alignColumns, lineWidth, styleFor } from "../style.ts";

interface Property {
  type?: string;
  description?: string;
  default?: unknown;
}

export async function runRunbookActions(
  io: Io,
  args: readonly string[],
  _options: Options,
): Promise<Outcome> {
  const [name] = args;
  const actions = name === undefined ? listActions() : [requireAction(name)];
  const data = actions.map((action) => ({
    name: action.name,
    summary: action.summary,
    parameters: parameterSchema(action),
  }));
  if (name === undefined) {
    const rows = alignColumns(
      actions.map((action) => [action.name, action.summary]),
      lineWidth(io),
    );
    return outcome(
      { actions: data },
      [...rows, "", typeable(io, "Parameters of one: vibeops runbook actions NAME")].join("\n"),
    );
  }
  const style = styleFor(io);
  const blocks = data.map((action) =>
    [style.bold(action.name), `  ${action.summary}`, ...describe(action.parameters, lineWidth(io))].join(
      "\n",
    ),
  );
  return outcome({ actions: data }, blocks.join("\n\n"));
}

function describe(schema: unknown, width: number): string[] {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Property>;
    required?: string[];
  };
  const rows = Object.entries(properties).map(([key, property]) => {
    const need = required.includes(key) && property.default === undefined ? "required" : "optional";
    return [`  ${key}`, property.type ?? "", need, property.description ?? ""];
  });
  return alignColumns(rows, width);
}

function requireAction(name: string): Action {
  const action = findAction(name);
  if (action !== undefined) return action;
  const names = listActions().map((one) => one.name);
  const near = nearest(name, names);
  throw new VibeopsError({
    code: "action.unknown",
    exit: Exit.notFound,
    message: `there is no action '${name}'${near === undefined ? "" : `; did you mean '${near}'?`}`,
    fix: `one of: ${names.join(", ")}`,
  });
}

import type { Action, Effect } from "./action.ts";
import { parameterSchema } from "./actions.ts";

export interface ParameterText {
  readonly name: string;
  /** For people: `whole number 1-300`, `list of text`. */
  readonly type: string;
  readonly required: boolean;
  /** As it would be written; missing where there is none. */
  readonly default?: unknown;
  readonly description?: string;
  /** Only with this value of `kind`, where an action has several forms. */
  readonly kind?: string;
}

/** All that there is to say about an action. */
export interface ActionDescription {
  readonly name: string;
  readonly summary: string;
  /** Where it is defined, if by a project. */
  readonly file?: string;
  /** Of its run; of its check where it has no run. For the example's parameters. */
  readonly tier: string;
  readonly check: string;
  readonly rollback: string;
  readonly parameters: readonly ParameterText[];
  readonly example: Readonly<Record<string, unknown>>;
  /** JSON Schema of the parameters. */
  readonly schema: unknown;
}

/** Describes an action from its own schema: there is no second list that could differ from it. */
export function describeAction(action: Action): ActionDescription {
  const schema = parameterSchema(action) as JsonSchema;
  return {
    name: action.name,
    summary: action.summary,
    ...(action.defined === undefined ? {} : { file: action.defined.file }),
    tier: tierText(action),
    check: action.says.check,
    rollback: action.says.rollback,
    parameters: parametersOf(schema),
    example: action.says.example,
    schema,
  };
}

const TIERS: Readonly<Record<Effect, string>> = {
  read: "read: it changes nothing",
  host: "as its host",
  destructive: "destructive",
};

function tierText({ defined, effect, says, schema }: Action): string {
  if (defined !== undefined) {
    return defined.tier === undefined ? "as its host" : `as its host, and at least ${defined.tier}`;
  }
  const params = schema.safeParse(says.example);
  return params.success ? TIERS[effect(params.data).run] : TIERS.host;
}

interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

function parametersOf(schema: JsonSchema): ParameterText[] {
  return (schema.oneOf ?? [schema]).flatMap((form) => {
    const kind = form.properties?.kind?.const;
    return Object.entries(form.properties ?? {}).map(([name, property]) => ({
      name,
      type: typeText(property),
      required: (form.required ?? []).includes(name) && property.default === undefined,
      ...(property.default === undefined ? {} : { default: property.default }),
      ...(property.description === undefined ? {} : { description: property.description }),
      ...(schema.oneOf === undefined ? {} : { kind: String(kind) }),
    }));
  });
}

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(" or ");
  if (schema.enum !== undefined) return schema.enum.join(" or ");
  switch (schema.type) {
    case "array":
      return `list of ${typeText(schema.items ?? {})}`;
    case "object":
      return objectText(schema);
    case "integer":
      return `whole number${rangeText(schema)}`;
    case "number":
      return `number${rangeText(schema)}`;
    default:
      return "text";
  }
}

function objectText({ properties, additionalProperties }: JsonSchema): string {
  if (properties !== undefined) return `{ ${Object.keys(properties).join(", ")} }`;
  return `names and ${typeof additionalProperties === "object" ? typeText(additionalProperties) : "values"}`;
}

function rangeText({ minimum, maximum }: JsonSchema): string {
  if (minimum === undefined && maximum === undefined) return "";
  if (minimum === undefined) return ` up to ${maximum}`;
  return maximum === undefined ? ` from ${minimum}` : ` ${minimum}-${maximum}`;
}

import * as z from "zod/mini";
import { Exit, VibeopsError } from "../errors.ts";
import { ID_PATTERN } from "../platform/ids.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import { decodeText } from "../text/decode.ts";
import { readYaml } from "../text/yaml-own.ts";
import { formatCanonicalYaml } from "./canonical-yaml.ts";
import { readCanonicalYaml } from "./read-canonical-yaml.ts";
import { TIERS } from "./tier.ts";

/** The format's name and version; another version is another statement. */
export const STATEMENT_VERSION = "vibeops-approval/1";

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const hashOrAbsent = z.union([hash, z.literal("absent")]);
const id = z.string().check(z.regex(ID_PATTERN));
/** As Date writes it, of a day that there is. */
export const exactTime = z
  .string()
  .check(z.refine((text) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text));

const command = z.strictObject({
  kind: z.enum(["run", "check", "rollback"]),
  host: z.string(),
  tier: z.enum(TIERS),
  /** Of everything that decides what runs and when it counts as done, not of the script alone. */
  sha256: hash,
});

const content = {
  runbook: z.strictObject({ id, title: z.string(), sha256: hash }),
  steps: z.array(
    z.strictObject({
      number: z.int(),
      title: z.string(),
      action: z.optional(z.string()),
      /** An agent may run it by itself. */
      delegated: z.optional(z.literal("yes")),
      commands: z.array(command),
    }),
  ),
  verification: z.array(command),
  /** Installed files and called scripts. */
  files: z.array(z.strictObject({ path: z.string(), sha256: hashOrAbsent })),
  /** Definitions of the actions in use. */
  actions: z.array(z.strictObject({ name: z.string(), sha256: hash })),
  variables: z.record(z.string(), z.string()),
  hosts: z.array(
    z.strictObject({
      name: z.string(),
      /** The inventory's entry as canonical JSON, or "absent". */
      entry: z.string(),
      /** Where ssh goes when it is given the host's address; "local" for this machine. */
      resolved: z.string(),
      host_keys: z.array(z.string()),
      /** Of what takes and gives up the lock there, step 0. */
      lock: hash,
    }),
  ),
  policy: hashOrAbsent,
  inventory: hashOrAbsent,
  project: hashOrAbsent,
};

const contentSchema = z.strictObject(content);

const statementSchema = z.strictObject({
  statement: z.literal(STATEMENT_VERSION),
  decision: z.enum(["approve", "reject"]),
  nonce: id,
  /** How many walks it allows. */
  uses: z.literal(1),
  approver: z.string().check(z.minLength(1)),
  reason: z.optional(z.string()),
  created: exactTime,
  expires: exactTime,
  /** HEAD at the time of the decision, or "none" before the first commit. */
  base: z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64}|none)$/)),
  ...content,
});

/** What a decision is about: if any of it changes, the decision is about something else. */
export type StatementContent = z.output<typeof contentSchema>;
export type Statement = z.output<typeof statementSchema>;
export type StatementCommand = z.output<typeof command>;

const MAX_BYTES = 1024 * 1024;

/** The bytes that are signed: the same statement always gives the same ones. */
export function formatStatement(statement: Statement): string {
  return formatCanonicalYaml({
    statement: statement.statement,
    decision: statement.decision,
    nonce: statement.nonce,
    uses: statement.uses,
    approver: statement.approver,
    reason: statement.reason,
    created: statement.created,
    expires: statement.expires,
    base: statement.base,
    ...orderContent(statement),
  });
}

/** The content as one text, for comparing two decisions. */
export function formatContent(value: StatementContent): string {
  return formatCanonicalYaml(orderContent(value));
}

function orderContent(value: StatementContent) {
  return {
    runbook: { id: value.runbook.id, title: value.runbook.title, sha256: value.runbook.sha256 },
    steps: value.steps.map((step) => ({
      number: step.number,
      title: step.title,
      action: step.action,
      delegated: step.delegated,
      commands: step.commands.map(orderCommand),
    })),
    verification: value.verification.map(orderCommand),
    files: byKey(value.files, (file) => file.path).map(({ path, sha256 }) => ({ path, sha256 })),
    actions: byKey(value.actions, (action) => action.name).map(({ name, sha256 }) => ({ name, sha256 })),
    variables: Object.fromEntries(byKey(Object.entries(value.variables), ([name]) => name)),
    hosts: byKey(value.hosts, (host) => host.name).map((host) => ({
      name: host.name,
      entry: host.entry,
      resolved: host.resolved,
      host_keys: [...host.host_keys].sort(),
      lock: host.lock,
    })),
    policy: value.policy,
    inventory: value.inventory,
    project: value.project,
  };
}

function orderCommand({ kind, host, tier, sha256 }: StatementCommand): StatementCommand {
  return { kind, host, tier, sha256 };
}

function byKey<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/**
 * Reads a statement and insists on its one canonical form: made again from what was read, it must have the same
 * bytes.
 *
 * @throws VibeopsError `statement.form`
 */
export function parseStatement(bytes: Uint8Array, file: string): Statement {
  const statement = readStatement(bytes, file);
  if (Buffer.from(formatStatement(statement)).equals(bytes)) return statement;
  throw notCanonical(
    file,
    "the statement is not in its canonical form, so it is not what somebody signed here",
  );
}

function readStatement(bytes: Uint8Array, file: string): Statement {
  if (bytes.length > MAX_BYTES) throw notCanonical(file, `the statement is longer than ${MAX_BYTES} bytes`);
  try {
    const text = decodeText(bytes, file);
    const plain = statementSchema.safeParse(readCanonicalYaml(text));
    // The parser has the better words for what is wrong.
    return plain.success ? plain.data : readYaml(text, statementSchema, file).value;
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    throw notCanonical(file, `this is no statement of ours: ${error.message}`, error);
  }
}

function notCanonical(file: string, message: string, cause?: unknown): VibeopsError {
  return new VibeopsError({
    code: "statement.form",
    exit: Exit.refused,
    message,
    file,
    fix: "delete the file; statements are made by: vibeops runbook approve ID",
    cause,
  });
}

/** For how long a decision may be good at most. */
export const LONGEST_LIFE_MS = 31 * DAY_MS;

/** Whether a statement says that it is good for longer than any may be: we write none of these, whoever signed it. */
export function livesTooLong({ created, expires }: Pick<Statement, "created" | "expires">): boolean {
  return Date.parse(expires) - Date.parse(created) > LONGEST_LIFE_MS;
}

import * as z from "zod/mini";
import { ID_PATTERN } from "../platform/ids.ts";

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const id = z.string().check(z.regex(ID_PATTERN));
const step = z.int().check(z.minimum(1));
const kind = z.enum(["run", "check", "rollback"]);

/** How something gets to a host: by ssh, on this machine, or by a person's own hand. */
const by = z.enum(["ssh", "local", "hand"]);

/** Present where nobody was asked: only steps that were approved as delegated ran. */
const delegated = z.optional(z.literal(true));

/** Which of its hosts; records from before a step could have several have none, and mean its only one. */
const host = z.optional(z.string());

/** What came out of one command. Output is redacted and cut before it gets here. */
const result = {
  /** Null: nobody knows. */
  exit: z.nullable(z.int()),
  stdout: z.string(),
  stderr: z.string(),
  /** Why it ended, where not by itself. */
  ended: z.optional(z.enum(["timeout", "interrupt", "lost", "unlocked"])),
};

/** What the person ran in place of the approved command. */
const deviation = z.optional(z.string());

/** Every kind of line that a record may hold. Keys keep this order on disk. */
export const recordEventSchema = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("start"),
    runbook: id,
    /** Of runbook.md as it was walked. */
    sha256: hash,
    /** Nonce of the approval, and the hash of its statement. */
    approval: id,
    statement: hash,
    approver: z.string(),
    /** Nonces of the approvals by other people that the policy wants beside it. */
    further: z.optional(z.array(id)),
    mode: z.enum(["paste", "ssh"]),
    operator: z.string(),
    /** HEAD when it began. */
    head: z.string(),
    /** For a verification: the walk that it verifies. */
    walk: z.optional(id),
    delegated,
  }),
  z.object({ event: z.literal("resume"), mode: z.enum(["paste", "ssh"]), operator: z.string(), delegated }),
  /** A person goes on from records that this machine did not write, as they stood with these last hashes. */
  z.object({
    event: z.literal("taken-over"),
    operator: z.string(),
    records: z.array(z.object({ name: z.string(), head: hash })),
  }),
  /** The lock on a host is this walk's: how it got there, the hash of what took it, and under which account it lies. */
  z.object({
    event: z.literal("locked"),
    host: z.string(),
    by,
    command: hash,
    account: z.string(),
    /** Which lock it is: two names of one machine have the same. */
    place: z.optional(z.string()),
  }),
  /** A person decided to break the lock of another walk: from here on it may be gone. */
  z.object({ event: z.literal("lock-broken"), host: z.string(), by, holder: z.string() }),
  /** `gone`: it was not ours any more. `left`: it may still lie there, and why. */
  z.object({
    event: z.literal("unlocked"),
    host: z.string(),
    outcome: z.enum(["released", "gone", "left"]),
    why: z.optional(z.string()),
  }),
  /** A person says yes to a point under Before you start; `item` from 0. */
  z.object({ event: z.literal("confirmed"), item: z.int().check(z.minimum(0)), text: z.string() }),
  /** A person confirmed it, and it is about to happen: from here on it may have happened. */
  z.object({
    event: z.literal("started"),
    step,
    kind,
    /** Which of the step's checks, from 0. */
    index: z.optional(z.int()),
    host: z.string(),
    by,
    /** Of the approved command, as in the statement. */
    command: hash,
    /** Of the bytes that go to the host. */
    bytes: hash,
  }),
  z.object({
    event: z.literal("finished"),
    step,
    kind,
    host,
    outcome: z.enum(["ok", "failed", "unknown"]),
    ...result,
    /** In paste mode the outcome is what a person says it was. */
    reported: z.enum(["host", "human"]),
    deviation,
  }),
  z.object({
    event: z.literal("checked"),
    step,
    index: z.int(),
    host,
    ok: z.boolean(),
    attempts: z.int(),
    ...result,
    reported: z.enum(["host", "human"]),
    deviation,
  }),
  z.object({
    event: z.literal("captured"),
    step,
    name: z.string(),
    value: z.string(),
    /** Present where a person typed it, since nothing on record says what the step printed. */
    reported: z.optional(z.literal("human")),
  }),
  /** What a person said about a step of which nobody knows whether it ran. */
  z.object({
    event: z.literal("answered"),
    step,
    kind,
    host,
    answer: z.enum(["ran", "not-run", "again"]),
    /** Present where nobody had to be asked: the connection never carried the command. */
    reported: z.optional(z.literal("host")),
  }),
  /** Without a host: whatever of the step is left, on all of them. */
  z.object({ event: z.literal("skipped"), step, kind, host, reason: z.string() }),
  /** On the hosts that failed. */
  z.object({ event: z.literal("retry"), step }),
  /** What the checks said before a rollback destroys it. */
  z.object({
    event: z.literal("evidence"),
    step,
    index: z.int(),
    host,
    ...result,
    /** Present where a person looked by hand, in paste mode. */
    reported: z.optional(z.literal("human")),
    deviation,
  }),
  z.object({ event: z.literal("rollback"), from: step, reason: z.string() }),
  z.object({ event: z.literal("refused"), code: z.string(), message: z.string() }),
  z.object({ event: z.literal("stopped"), reason: z.string() }),
  z.object({ event: z.literal("completed") }),
  /** A walk in which nothing was done is given up. */
  z.object({ event: z.literal("abandoned"), reason: z.string() }),
  /** `failed`: steps that could not be rolled back; `none`: steps that have no way back. */
  z.object({ event: z.literal("rolled-back"), failed: z.array(z.int()), none: z.array(z.int()) }),
  /** For a verification: whether everything passed, or what a person says about the state that was gone back to. */
  z.object({
    event: z.literal("verified"),
    ok: z.boolean(),
    judged: z.enum(["checks", "human"]),
    note: z.optional(z.string()),
  }),
  z.object({ event: z.literal("torn"), bytes: z.string() }),
]);

export type RecordEvent = z.output<typeof recordEventSchema>;

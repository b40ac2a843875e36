import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { closeRunbook } from "../../src/runbook/close.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import { listRecordNames, readRecord } from "../../src/runbook/record.ts";
import { runbookFolder } from "../../src/runbook/runbook-folder.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import fc from "../helpers/property.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  PRESENT,
  runbookText,
} from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

/*
 * Random sequences of what people, agents and power cuts do, against a model that knows only what was approved and
 * what a person pressed. Both hosts are one file: each effect is a letter in it, so what ran is counted, not believed.
 * The first step goes to both together, the second to one after the other.
 */

const RUNS = Number(process.env.VIBEOPS_MODEL_RUNS ?? "6");
const facts = { terminal: true };

/** What an agent may change between two acts. */
const EDITS = ["command", "variable", "file", "inventory"] as const;
type Edit = (typeof EDITS)[number];
type Content = Record<Edit, number>;

interface Model {
  content: Content;
  /** What is approved now and not yet used, and what is rejected: contents as text. */
  approved: string | null;
  rejected: Set<string>;
  /** Null: no walk. */
  walk: { content: string; open: boolean; end: "completed" | "rolled-back" | null; verified: boolean } | null;
  /** Effects that a person asked for, one for each press of a key. */
  asked: number;
  closed: boolean;
}

function twoHosts(): GateWorkspace {
  const space = gateWorkspace();
  const entry = (name: string) => `  ${name}: { transport: local, tier: local, directory: ${space.host} }\n`;
  space.project.write("inventory.yaml", `hosts:\n${entry("here")}${entry("there")}`);
  return space;
}

class Real {
  readonly space: GateWorkspace = twoHosts();
  /** Every record as it was after the last act. */
  #records = new Map<string, string>();

  apply({ command, variable, file, inventory }: Content): void {
    const { space } = this;
    space.project.write("deploy/note.txt", `${file}\n`);
    const inventoryText = space.project.read("inventory.yaml").split("# ")[0];
    space.project.write("inventory.yaml", `${inventoryText}# ${inventory}\n`);
    const both = letterStep(1, space.host, "A") + letterStep(2, space.host, "B");
    const steps = both.replaceAll("host=here", "host=here,there").replace(/(1\. .+\s+.+)/, "$1 together");
    const text = runbookText({
      hosts: "[here, there]",
      variables: `{ V: "${variable}" }`,
      files: "[deploy/note.txt]",
      steps: steps.replaceAll("/letters\n", `/letters # ${command}\n`),
    });
    space.writeRunbook(text);
  }

  get letters(): string {
    const file = join(this.space.host, "letters");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** No line that was ever there is lost or changed. */
  checkRecords(): void {
    const folder = runbookFolder(this.space.project, ID);
    const names = listRecordNames(folder);
    for (const [name, before] of this.#records) {
      expect(names).toContain(name);
      expect(readFileSync(readRecord(folder, name).file, "utf8").startsWith(before)).toBe(true);
    }
    for (const name of names) this.#records.set(name, readFileSync(readRecord(folder, name).file, "utf8"));
  }

  /** What the records say ran, as letters. */
  recorded(): number {
    const folder = runbookFolder(this.space.project, ID);
    const lines = listRecordNames(folder).flatMap((name) => readRecord(folder, name).events);
    return lines.filter((line) => line.event === "started" && line.kind !== "check").length;
  }
}

const contentOf = (model: Model) => JSON.stringify(model.content);

/** Whether an act succeeded; a refusal is one of ours, with a code. */
async function succeeds(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof VibeopsError || error instanceof PowerCut) return false;
    throw error;
  }
}

class PowerCut extends Error {}

type Act = fc.AsyncCommand<Model, Real>;

function act(name: string, run: (model: Model, real: Real) => Promise<void>): Act {
  return {
    check: () => true,
    toString: () => name,
    run: async (model, real) => {
      const before = real.letters;
      await run(model, real);
      expect(real.letters.startsWith(before)).toBe(true);
      // Every effect was asked for by a person, once each, and every one has its line.
      expect(real.letters.length).toBeLessThanOrEqual(model.asked);
      expect(real.letters.length).toBeLessThanOrEqual(real.recorded());
      real.checkRecords();
    },
  };
}

const edit = (what: Edit, value: number) =>
  act(`edit ${what} ${value}`, async (model, real) => {
    model.content[what] = value;
    real.apply(model.content);
  });

const decide = (decision: "approve" | "reject") =>
  act(decision, async (model, { space }) => {
    const content = contentOf(model);
    const isOpen = model.walk?.open === true;
    const isDecided = model.rejected.has(content) || model.approved === content;
    const expected = !model.closed && !isDecided && !(isOpen && decision === "approve");
    const request = { decision, principal: ADA, ...(decision === "reject" ? { reason: "no" } : {}) } as const;
    const done = await succeeds(async () => {
      const plan = await planDecision(space.gate(), ID, request);
      await recordDecision(space.gate(), plan, PRESENT, space.sign);
    });
    expect(done).toBe(expected);
    if (!done) return;
    if (decision === "approve") model.approved = content;
    else model.rejected.add(content);
  });

/** What a person answers at each question of a walk, or where the power is cut. */
type Answer = "run" | "skip" | "retry" | "roll-back" | "stop" | "cut-before" | "cut-after";

const walk = (answers: readonly Answer[]) =>
  act(`run [${answers.join(" ")}]`, async (model, real) => {
    const { space } = real;
    const content = contentOf(model);
    const isOpen = model.walk?.open === true;
    const matches = isOpen ? model.walk?.content === content : model.approved === content;
    const allowed = !model.closed && matches && !model.rejected.has(content);
    const before = real.letters;
    const { operator, now } = pressing(model, answers, space.context.now);
    const gate = { ...space.gate(), context: { ...space.context, now } };
    let phase: string | undefined;
    const done = await succeeds(async () => {
      phase = (await walkRunbook(gate, ID, { mode: "ssh", operator, facts })).phase;
    });
    if (!allowed) {
      expect(done).toBe(false);
      expect(real.letters).toBe(before);
      return;
    }
    if (!isOpen) {
      model.approved = null;
      model.walk = { content, open: true, end: null, verified: false };
    }
    if (model.walk === null || (phase !== "completed" && phase !== "rolled-back")) return;
    model.walk = { ...model.walk, open: false, end: phase };
  });

/** Presses these keys where they fit, and leaves where they are used up. Counts each effect that it asks for. */
function pressing(model: Model, answers: readonly Answer[], clock: () => Date) {
  const queue = [...answers];
  const base = scriptedOperator([]);
  let cut: "cut-before" | "cut-after" | null = null;
  /** From here on nothing is written any more: what ends now ends unheard. */
  let isDark = false;
  const now = () => {
    if (isDark) throw new PowerCut();
    return clock();
  };
  /** The next key that this question takes; keys that it does not take are pressed in vain. */
  const press = (question: string, values: readonly string[]): string => {
    const next = queue.shift() ?? "stop";
    if (next === "cut-before" || next === "cut-after") cut = next;
    // Of what nobody knows a person may say that it is to run again.
    const wanted = question.includes("nothing says how it ended") && next === "run" ? "again" : next;
    return values.includes(wanted) ? wanted : press(question, values);
  };
  const choose: typeof base.choose = async (question, choices) => {
    const pressed = press(
      question,
      choices.map(({ value }) => value),
    );
    if (pressed === "run" || pressed === "again") model.asked += hostsIn(question);
    const choice = choices.find(({ value }) => value === pressed);
    if (choice === undefined) throw new Error(`${pressed} is no answer to ${question}`);
    return choice.value;
  };
  const interruptible: typeof base.interruptible = async (run) => {
    if (cut === "cut-before") throw new PowerCut();
    isDark = cut === "cut-after";
    const result = await run(new AbortController().signal);
    if (isDark) throw new PowerCut();
    return result;
  };
  return { operator: { ...base, choose, interruptible, ask: async () => "a reason" }, now };
}

/** For how many hosts a yes to this question is. */
function hostsIn(question: string): number {
  return /^Run this step on (.+?)(?: at the same time)?\?$/.exec(question)?.[1]?.split(", ").length ?? 1;
}

const verify = () =>
  act("verify", async (model, { space }) => {
    const content = contentOf(model);
    const base = scriptedOperator(["yes", "looked"]);
    const ok = await succeeds(async () => {
      const outcome = await verifyRunbook(space.gate(), ID, { mode: "ssh", operator: base, facts });
      expect(outcome.ok).toBe(true);
    });
    if (!ok) return;
    expect(model.closed).toBe(false);
    expect(model.walk?.open).toBe(false);
    // After a completed walk the checks run, so all of the content must be what was approved.
    if (model.walk?.end === "completed") expect(model.walk.content).toBe(content);
    if (model.walk !== null) model.walk.verified = true;
  });

const close = () =>
  act("close", async (model, { space }) => {
    const request = { principal: ADA, facts, sign: space.sign, reason: "the end" };
    let outcome: string | undefined;
    const done = await succeeds(async () => {
      outcome = (await closeRunbook(space.gate(), ID, request)).outcome;
    });
    if (!done) return;
    expect(model.closed).toBe(false);
    // What was never walked did nothing, so there is nothing to verify: it can be given up, and nothing else.
    if (model.walk === null)
      expect({ outcome, asked: model.asked }).toEqual({ outcome: "abandoned", asked: 0 });
    else if (outcome === "abandoned") expect(model.asked === 0 || model.walk?.open).toBeTruthy();
    else expect(model.walk).toMatchObject({ open: false, end: outcome, verified: true });
    model.closed = true;
  });

const answer = fc.constantFrom<Answer>(
  "run",
  "run",
  "run",
  "skip",
  "retry",
  "roll-back",
  "stop",
  "cut-before",
  "cut-after",
);
const acts = [
  fc.tuple(fc.constantFrom(...EDITS), fc.nat(2)).map(([what, value]) => edit(what, value)),
  fc.constant("approve" as const).map(decide),
  fc.constant("reject" as const).map(decide),
  fc.array(answer, { maxLength: 6 }).map(walk),
  fc.constant(null).map(verify),
  fc.constant(null).map(close),
];
/** The way that people mostly go, so that sequences come to their ends, with anything in between. */
const usual: fc.Arbitrary<Act>[] = [
  fc.constant("approve" as const).map(decide),
  fc.constant(["run", "run", "run", "run"] as Answer[]).map(walk),
  fc.constant(null).map(verify),
  fc.constant(null).map(close),
];

test("nothing runs without a matching approval or twice unasked, nothing closes unverified, no line is lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands([...acts, ...usual, ...usual], { maxCommands: 14, size: "max" }),
      async (commands) => {
        const real = new Real();
        const model: Model = {
          content: { command: 0, variable: 0, file: 0, inventory: 0 },
          approved: null,
          rejected: new Set(),
          walk: null,
          asked: 0,
          closed: false,
        };
        real.apply(model.content);
        await fc.asyncModelRun(() => ({ model, real }), commands);
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
}, 1_200_000);

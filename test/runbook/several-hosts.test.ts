import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Gate } from "../../src/runbook/gate.ts";
import { latestWalk } from "../../src/runbook/latest-walk.ts";
import { lintRunbook } from "../../src/runbook/lint-runbook.ts";
import type { RecordLine } from "../../src/runbook/record.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { type GateWorkspace, gateWorkspace, ID, PRESENT, runbookText } from "./gate-workspace.ts";
import { type ScriptedOperator, scriptedOperator } from "./scripted-operator.ts";

/*
 * Two hosts that are this machine: what a step does on one of them is a letter in a file, so what ran is counted.
 */

interface Parts {
  /** What stands behind the hosts: `together`, a timeout. */
  how?: string;
  run?: string;
  check?: string;
  hosts?: string;
  checkHosts?: string;
}

function severalHosts(): GateWorkspace {
  const space = gateWorkspace();
  const entry = (name: string) => `  ${name}: { transport: local, tier: local, directory: ${space.host} }\n`;
  space.project.write("inventory.yaml", `hosts:\n${["here", "there", "yonder"].map(entry).join("")}`);
  return space;
}

/** One step over several hosts, its check and its way back on the same ones. */
function step(number: number, space: GateWorkspace, parts: Parts = {}): string {
  const { hosts = "here,there", how = "", run = `printf A >>${space.host}/letters` } = parts;
  const { check = `test -s ${space.host}/letters`, checkHosts = hosts } = parts;
  return `### ${number}. Write

\`\`\`sh run host=${hosts} ${how}
${run}
\`\`\`

\`\`\`sh check host=${checkHosts}
${check}
\`\`\`

\`\`\`sh rollback host=${hosts}
printf a >>${space.host}/letters
\`\`\`
`;
}

function write(space: GateWorkspace, steps: string, more: { verification?: string; hosts?: string } = {}) {
  space.writeRunbook(runbookText({ hosts: "[here, there]", steps, ...more }));
}

async function walk(
  space: GateWorkspace,
  answers: readonly string[] | ScriptedOperator,
  gate: Gate = space.gate(),
  mode: "ssh" | "paste" = "ssh",
) {
  const operator = "seen" in answers ? answers : scriptedOperator(answers);
  const outcome = await walkRunbook(gate, ID, { mode, operator, facts: PRESENT });
  return { ...outcome, operator };
}

function letters({ host }: GateWorkspace): string {
  const file = join(host, "letters");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function linesOf(space: GateWorkspace): readonly RecordLine[] {
  return latestWalk(loadRunbook(space.gate().project, ID))?.record.events ?? [];
}

/** What happened on which host, in order: `started here`, `finished here ok`. */
function story(space: GateWorkspace): string[] {
  return linesOf(space).flatMap((line) => {
    if (line.event === "retry") return ["retry"];
    if (!("step" in line) || !("host" in line)) return [];
    const kind = "kind" in line && line.kind === "rollback" ? " back" : "";
    const how =
      line.event === "finished" ? ` ${line.outcome}` : line.event === "checked" ? ` ${line.ok}` : "";
    return [`${line.event}${kind} ${line.host}${how}`];
  });
}

/** Fails the first time that it runs, on whichever host that is. */
const failsOnce = (space: GateWorkspace) =>
  `if mkdir ${space.host}/once 2>/dev/null; then exit 1; fi; printf A >>${space.host}/letters`;

describe("one after another", () => {
  test("one yes runs the step on each host in turn, and each is checked before the next one begins", async () => {
    const space = severalHosts();
    write(space, step(1, space));
    await space.approve();
    const { phase, operator } = await walk(space, ["run"]);
    expect(phase).toBe("completed");
    expect(operator.seen).toContain("Run this step on here, there?");
    expect(operator.steps[0]?.run).toMatchObject({ hosts: ["here", "there"], together: false });
    expect(story(space)).toEqual([
      ...["started here", "finished here ok", "checked here true"],
      ...["started there", "finished there ok", "checked there true"],
    ]);
    expect(letters(space)).toBe("AA");
  });

  test("the first that fails leaves the later ones untouched; a retry takes up there", async () => {
    const space = severalHosts();
    write(space, step(1, space, { run: failsOnce(space) }));
    await space.approve();
    const first = await walk(space, ["run", "stop"]);
    expect(first.operator.seen.join("\n")).toContain(
      "The command failed on here. Not done on there. What now?",
    );
    expect(story(space)).toEqual(["started here", "finished here failed"]);
    expect((await walk(space, ["retry", "run"])).phase).toBe("completed");
    expect(story(space).slice(2)).toEqual([
      ...["retry", "started here", "finished here ok", "checked here true"],
      ...["started there", "finished there ok", "checked there true"],
    ]);
  });

  test("a host on which it succeeded does not run again when a later one is retried", async () => {
    const space = severalHosts();
    const run = `printf A >>${space.host}/letters; test "$(wc -c <${space.host}/letters)" -ne 2`;
    write(space, step(1, space, { run }));
    await space.approve();
    const { phase, operator } = await walk(space, ["run", "retry", "run"]);
    expect(phase).toBe("completed");
    expect(operator.seen).toContain("Run this step on there?");
    expect(story(space).filter((line) => line.startsWith("started"))).toEqual([
      "started here",
      "started there",
      "started there",
    ]);
    expect(letters(space)).toBe("AAA");
  });

  test("a check that fails on the first host names it, and the second is not begun", async () => {
    const space = severalHosts();
    write(space, step(1, space, { check: `! mkdir ${space.host}/checked 2>/dev/null` }));
    await space.approve();
    const { operator, phase } = await walk(space, ["run", "check", "run"]);
    expect(operator.seen.join("\n")).toContain("The check failed on here. Not done on there.");
    expect(phase).toBe("completed");
    expect(letters(space)).toBe("AA");
  });

  test("what failed may be left with a reason while the others go on, or all that is left is skipped", async () => {
    const space = severalHosts();
    write(space, step(1, space, { run: failsOnce(space) }));
    await space.approve();
    const { phase } = await walk(space, ["run", "leave", "it is being replaced", "run"]);
    expect(phase).toBe("completed");
    expect(linesOf(space).filter(({ event }) => event === "skipped")).toMatchObject([
      { host: "here", reason: "it is being replaced" },
    ]);
    expect(letters(space)).toBe("A");

    const other = severalHosts();
    write(other, step(1, other, { run: failsOnce(other) }));
    await other.approve();
    expect((await walk(other, ["run", "skip", "not today"])).phase).toBe("completed");
    expect(letters(other)).toBe("");
  });

  test("the gate is asked before each host: what changes in between stops the walk", async () => {
    const space = severalHosts();
    write(space, step(1, space));
    await space.approve();
    const base = scriptedOperator(["run"]);
    const say = (message: string) => {
      const inventory = space.project.read("inventory.yaml");
      if (message.startsWith("Checking on here"))
        space.project.write("inventory.yaml", `${inventory}# more\n`);
    };
    await expect(walk(space, { ...base, say })).rejects.toMatchObject({ code: "approval.lapsed" });
    expect(story(space)).toEqual(["started here", "finished here ok", "checked here true"]);
    expect(letters(space)).toBe("A");
  });

  test("a check on a host that the run does not go to comes last, and speaks for all of them", async () => {
    const space = severalHosts();
    const check = `! mkdir ${space.host}/checked 2>/dev/null`;
    write(space, step(1, space, { check, checkHosts: "yonder" }), { hosts: "[here, there, yonder]" });
    await space.approve();
    expect((await walk(space, ["run", "retry", "run"])).phase).toBe("completed");
    expect(story(space).filter((line) => /^(?:started|checked|retry)/.test(line))).toEqual([
      ...["started here", "started there", "checked yonder false", "retry"],
      ...["started here", "started there", "checked yonder true"],
    ]);
  });
});

describe("together", () => {
  test("all hosts run at the same time, and that they start is on disk for all of them before the first does", async () => {
    const space = severalHosts();
    const meet = join(space.host, "meet");
    mkdirSync(meet);
    // Each waits until the other one is there too: one after another this would never end.
    const run = `mktemp ${meet}/XXXXXX; until test "$(ls ${meet} | wc -l)" -eq 2; do sleep 0.05; done`;
    write(space, step(1, space, { how: "together timeout=60s", run, check: "true" }));
    await space.approve();
    const { phase, operator } = await walk(space, ["run"]);
    expect(phase).toBe("completed");
    expect(operator.seen).toContain("Run this step on here, there at the same time?");
    expect(story(space).slice(0, 2)).toEqual(["started here", "started there"]);
    expect(story(space)).toHaveLength(6);
    expect(new Set(operator.from)).toEqual(new Set(["here", "there"]));
  });

  test("what failed is retried alone", async () => {
    const space = severalHosts();
    write(space, step(1, space, { how: "together", run: failsOnce(space) }));
    await space.approve();
    const { phase } = await walk(space, ["run", "retry", "run"]);
    expect(phase).toBe("completed");
    const lines = story(space);
    const failed = lines.find((line) => line.endsWith("failed"))?.split(" ")[1];
    expect(lines.filter((line) => line.startsWith("started"))).toEqual([
      "started here",
      "started there",
      `started ${failed}`,
    ]);
    expect(letters(space)).toBe("AA");
  });

  test("Ctrl-C ends it on every host, and each end is on record", async () => {
    const space = severalHosts();
    write(space, step(1, space, { how: "together", run: "echo go; sleep 600 & wait" }));
    await space.approve();
    const begun = new Set<string | undefined>();
    let controller = new AbortController();
    const operator: ScriptedOperator = {
      ...scriptedOperator(["run", "stop"]),
      output: (_, text, host) => {
        if (text.includes("go")) begun.add(host);
        if (begun.size === 2) controller.abort();
      },
      interruptible: async (run) => {
        controller = new AbortController();
        return await run(controller.signal);
      },
    };
    expect((await walk(space, operator)).phase).toBe("walking");
    const ends = linesOf(space).filter(({ event }) => event === "finished");
    expect(ends).toMatchObject([
      { outcome: "failed", ended: "interrupt" },
      { outcome: "failed", ended: "interrupt" },
    ]);
    expect(operator.seen.join("\n")).toContain("The command failed on here, there. What now?");
  });

  test("a dozen hosts are gone to at once, and nothing warns of it", async () => {
    const space = gateWorkspace();
    const names = Array.from({ length: 12 }, (_, i) => `web${i + 1}`);
    const entries = names.map((name) => `  ${name}: { transport: local, tier: local }\n`);
    space.project.write("inventory.yaml", `hosts:\n${entries.join("")}`);
    const hosts = names.join(",");
    const steps = step(1, space, { hosts, how: "together" });
    const verification = "```sh check host=web1\ntrue\n```";
    space.writeRunbook(runbookText({ hosts: `[${hosts}]`, steps, verification }));
    await space.approve();
    const warnings: string[] = [];
    const note = ({ message }: Error) => void warnings.push(message);
    process.on("warning", note);
    try {
      expect((await walk(space, ["run"])).phase).toBe("completed");
    } finally {
      process.off("warning", note);
    }
    expect(warnings).toEqual([]);
    expect(letters(space)).toBe("A".repeat(12));
  }, 180_000);

  test("in paste mode each host is asked about by itself", async () => {
    const space = severalHosts();
    write(space, step(1, space, { how: "together" }));
    await space.approve();
    const lock = ["lock: taken\naccount: ada", "lock: taken\naccount: ada"];
    const released = ["lock: released", "lock: released"];
    const each = ["worked", ""];
    const answers = [...lock, "run", ...each, ...each, ...each, ...each, ...released];
    const { phase, operator } = await walk(space, answers, space.gate(), "paste");
    expect(phase).toBe("completed");
    const shown = operator.commands.filter(
      ({ kind, script }) => kind === "run" && script.includes("letters"),
    );
    expect(shown.map(({ hosts }) => hosts)).toEqual([["here"], ["there"]]);
    expect(story(space).slice(0, 4)).toEqual([
      "started here",
      "finished here ok",
      "started there",
      "finished there ok",
    ]);
    expect(letters(space)).toBe("");
  });
});

describe("the way back", () => {
  test("goes only to the hosts that were touched, the last one first, each with a yes of its own", async () => {
    const space = severalHosts();
    const fails = `printf B >>${space.host}/letters; exit 1`;
    write(space, step(1, space) + step(2, space, { run: fails }));
    await space.approve();
    const answers = ["run", "run", "roll-back", "no use", "run", "run", "run"];
    const { phase, operator } = await walk(space, answers);
    expect(phase).toBe("rolled-back");
    expect(operator.seen.filter((question) => question.startsWith("Roll back"))).toEqual([
      "Roll back step 2, Write, on here?",
      "Roll back step 1, Write, on there?",
      "Roll back step 1, Write, on here?",
    ]);
    expect(letters(space)).toBe("AABaaa");
    expect(story(space).filter((line) => line.startsWith("evidence"))).toEqual([
      "evidence here",
      "evidence here",
      "evidence there",
    ]);
  });

  test("that was left between two hosts goes on with the other one, and keeps no evidence of what is half gone", async () => {
    const space = severalHosts();
    write(space, step(1, space) + step(2, space));
    await space.approve();
    expect((await walk(space, ["run", "roll-back", "no use", "run", "stop"])).phase).toBe("rolling-back");
    const { phase, operator } = await walk(space, ["run"]);
    expect(phase).toBe("rolled-back");
    expect(operator.seen).toContain("Roll back step 1, Write, on here?");
    expect(letters(space)).toBe("AAaa");
    expect(story(space).filter((line) => line.startsWith("evidence"))).toEqual([
      "evidence here",
      "evidence there",
    ]);
  });

  test("what is left on one host is said with its name", async () => {
    const space = severalHosts();
    write(space, step(1, space));
    await space.approve();
    const answers = ["run", "roll-back", "no use", "skip", "it is fine", "run"];
    write(space, step(1, space) + step(2, space));
    await space.approve();
    const { operator } = await walk(space, answers);
    expect(operator.seen).toContain("Not rolled back: step 1 on there.");
  });
});

test("a verification runs each check on each of its hosts, and one that fails on one of them is named", async () => {
  const space = severalHosts();
  const verification = `\`\`\`sh check host=here,there together\n! mkdir ${space.host}/verified 2>/dev/null\n\`\`\``;
  write(space, step(1, space), { verification });
  await space.approve();
  await walk(space, ["run"]);
  const operator = scriptedOperator([]);
  const first = await verifyRunbook(space.gate(), ID, { mode: "ssh", operator, facts: PRESENT });
  expect(first.ok).toBe(false);
  expect(operator.seen.toSorted()).toEqual([
    expect.stringMatching(/^It failed on (?:here|there): it ended with exit status 1\.$/),
    expect.stringMatching(/^It passed on (?:here|there)\.$/),
  ]);
  const again = scriptedOperator([]);
  const second = await verifyRunbook(space.gate(), ID, { mode: "ssh", operator: again, facts: PRESENT });
  expect(second.ok).toBe(true);
});

describe("an action on several hosts", () => {
  const action = (space: GateWorkspace, keys = "") =>
    `### 1. Install\n\n\`\`\`yaml action\nuse: files.install\nhost: [here, there]\n${keys}with:\n  files: [{ source: deploy/a, destination: ${join(space.host, "a")} }]\n\`\`\`\n`;

  function writeAction(space: GateWorkspace, keys?: string) {
    space.project.write("deploy/a", "A\n");
    space.writeRunbook(
      runbookText({ hosts: "[here, there]", files: "[deploy/a]", steps: action(space, keys) }),
    );
    return space.project.read(`runbooks/${ID}/runbook.md`);
  }

  test("is compiled to one command of each kind, with the same hosts; its way back is gone host by host", () => {
    const space = severalHosts();
    const fences = writeAction(space, "together: true\n").match(/^```sh .*$/gm);
    expect(fences).toEqual([
      "```sh run host=here,there together",
      "```sh check host=here,there together",
      "```sh rollback host=here,there",
      "```sh check host=here",
    ]);
    expect(lintRunbook(space.gate().project, loadRunbook(space.gate().project, ID).runbook)).toEqual([]);
  });

  test("whose command goes to other hosts than it says is refused", () => {
    const space = severalHosts();
    const text = writeAction(space).replace("sh run host=here,there", "sh run host=here");
    space.project.write(`runbooks/${ID}/runbook.md`, text);
    const findings = lintRunbook(space.gate().project, loadRunbook(space.gate().project, ID).runbook);
    expect(findings.map(({ rule }) => rule)).toContain("runbook.action-differs");
  });

  test.each([
    ["host: here,there", "host is a name or a list of names"],
    ["host: [here, here]", "host here stands here twice"],
    ["host: []", "host is a name or a list of names"],
    ["host: [here, there]\ntogether: maybe", "together is true or false"],
  ])("with %j is refused", (written, message) => {
    const space = severalHosts();
    const steps = action(space).replace("host: [here, there]", written);
    expect(() => space.writeRunbook(runbookText({ hosts: "[here, there]", steps }))).toThrow(message);
  });

  test("is delegated only where all of its hosts may be", async () => {
    const space = severalHosts();
    const policy = "delegate:\n  - { actions: [files.install], hosts: [local, staging] }\n";
    space.project.write("policy.yaml", policy);
    writeAction(space, "delegated: true\n");
    await space.approve();
    const operator = scriptedOperator([]);
    const options = { mode: "ssh", operator, facts: { terminal: false }, delegated: true } as const;
    expect((await walkRunbook(space.gate(), ID, options)).phase).toBe("completed");
    expect(story(space).filter((line) => line.startsWith("started"))).toEqual([
      "started here",
      "started there",
    ]);

    const inventory = space.project.read("inventory.yaml");
    space.project.write("inventory.yaml", inventory.replace(/(there: .*)tier: local/, "$1tier: live"));
    await expect(space.approve()).rejects.toMatchObject({
      message: "step 1 cannot be delegated: it goes to a host that counts as live",
    });
  });
});

test("whoever approves, rehearses or reads the record is told of every host, and of the highest tier", async () => {
  const space = severalHosts();
  const inventory = space.project.read("inventory.yaml");
  space.project.write("inventory.yaml", inventory.replace(/(there: .*)tier: local/, "$1tier: live"));
  write(space, step(1, space, { how: "together" }) + step(2, space));
  const shown = await space.project.vibeops("runbook", "show", ID);
  expect(shown.stdout).toContain("1. Write: live, on here, there, at the same time");
  expect(shown.stdout).toContain("2. Write: live, on here, there\n");
  expect(shown.stdout).toContain("run on 2 hosts, all at the same time:");
  expect(shown.stdout).toContain("there (this machine), tier live");
  expect(shown.stdout).toContain("run on 2 hosts, one after another, up to the first that fails:");

  const plan = JSON.parse((await space.project.vibeops("runbook", "run", ID, "--dry-run", "--json")).stdout);
  expect(plan.result.steps[0]).toMatchObject({
    tier: "live",
    run: { hosts: ["here", "there"], together: true },
    rollback: { hosts: ["here", "there"], together: false },
  });
  const { stdout } = await space.project.vibeops("runbook", "run", ID, "--dry-run");
  expect(stdout).toContain("on here, there (this machine), all at the same time, live");
});

describe("before anybody approves", () => {
  const rulesOf = (space: GateWorkspace) =>
    lintRunbook(space.gate().project, loadRunbook(space.gate().project, ID).runbook).map(
      ({ rule, level, message }) => `${level} ${rule}: ${message}`,
    );

  test.each([
    ["together on one host", { how: "together", hosts: "here" }, "warning runbook.together"],
    ["a host that the front matter does not name", { hosts: "here,yonder" }, "error runbook.host-undeclared"],
    [
      "a run on a host that no check looks at",
      { checkHosts: "here" },
      "runbook.no-check: nothing checks what this run on there did",
    ],
  ] as const)("%s is a finding", (_, parts, expected) => {
    const space = severalHosts();
    write(space, step(1, space, parts));
    expect(rulesOf(space).join("\n")).toContain(expected);
  });

  test("this machine and another one in one command is a finding: what is sent there differs", () => {
    const space = severalHosts();
    space.project.write(
      "inventory.yaml",
      `hosts:\n  here: { transport: local, tier: local }\n  there: { tier: live }\n`,
    );
    write(space, step(1, space));
    expect(rulesOf(space).join("\n")).toContain(
      "error runbook.hosts-mixed: this run goes to this machine (here)",
    );
  });

  test.each([
    ["host=here,here", "host here stands here twice"],
    ["host=here,", "'here,' is no list of hosts"],
    ['host=here,there capture=X pattern="a"', "X is one value, and this run goes to 2 hosts"],
    ["host=here,there together together", "'together' stands here twice"],
  ])("%s is no fence", (words, message) => {
    const space = severalHosts();
    expect(() => write(space, step(1, space).replace("host=here,there", words))).toThrow(message);
  });

  test("a way back is never gone on all hosts at once", () => {
    const space = severalHosts();
    const text = step(1, space).replace("rollback host=here,there", "rollback host=here,there together");
    expect(() => write(space, text)).toThrow("'together' is not of the form name=value");
  });

  test.each([
    ["together is added", "run host=here,there ", "run host=here,there together", "step 1's command changed"],
    [
      "the order is another",
      "run host=here,there",
      "run host=there,here",
      "step 1's command now goes to there, here",
    ],
    ["one host is taken out", "run host=here,there", "run host=here", "step 1's command now goes to here"],
  ])("where %s the approval lapses, and it is said", async (_, from, to, message) => {
    const space = severalHosts();
    write(space, step(1, space));
    await space.approve();
    write(space, step(1, space).replace(from, to));
    await expect(walk(space, ["run"])).rejects.toMatchObject({
      code: "approval.lapsed",
      message: expect.stringContaining(message),
    });
  });
});

test("a person is told what runs now, that a check passed, whose evidence is kept, and what has no way back", async () => {
  const space = severalHosts();
  const only = step(2, space).replace(/```sh rollback[^`]*```/, "No rollback: it stays.");
  write(space, step(1, space) + only);
  await space.approve();
  const { phase, operator } = await walk(space, ["run", "run", "run", "run"]);
  expect(phase).toBe("completed");
  const said = operator.seen.join("\n");
  expect(said).toContain(
    "Running on here …\nChecking on here …\nThe check on here passed.\nRunning on there …",
  );
});

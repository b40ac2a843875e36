import { readdirSync, readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadForGate, requireApproval } from "../../src/runbook/approval.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import type { Gate } from "../../src/runbook/gate.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { formatStatement, parseStatement } from "../../src/runbook/statement.ts";
import { summarize } from "../../src/runbook/store.ts";
import { APPROVAL_NAMESPACE, addSigner, trustPaths } from "../../src/runbook/trust.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { readCorpus } from "../helpers/corpus.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  makeTestKey,
  PRESENT,
  runbookText,
  testSigner,
} from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const DOCUMENT = `runbooks/${ID}/runbook.md`;
const OTHER = "20261120T150000Z-00000000";

/** A runbook with a variable, an installed file and a step, approved by Ada. */
async function approved(): Promise<GateWorkspace> {
  const space = gateWorkspace();
  space.project.write("deploy/shop/compose.yaml", "services: {}\n");
  space.project.write("policy.yaml", "rules: []\n");
  space.writeRunbook(
    runbookText({
      variables: "{ VERSION: 1.2.0 }",
      files: "[deploy/shop/compose.yaml]",
      steps: `### 1. Install

\`\`\`yaml action
use: files.install
host: here
with: { files: [{ source: deploy/shop/compose.yaml, destination: ${space.host}/compose.yaml }] }
\`\`\`

${letterStep(2, space.host, "A").replace("printf A", "printf A$VERSION")}`,
    }),
  );
  await space.approve();
  return space;
}

async function judge(space: GateWorkspace, gate: Gate = space.gate(), id = ID): Promise<string> {
  try {
    await requireApproval(gate, loadForGate(gate.project, id));
    return "valid";
  } catch (error) {
    const { code, message, facts } = error as { code: string; message: string; facts?: { reason?: string } };
    return facts?.reason === undefined ? code : `invalid:${facts.reason} ${message}`;
  }
}

function approvalFile(space: GateWorkspace, ending = ".yaml"): string {
  const folder = join(space.project.root, "runbooks", ID, "approvals");
  return join(folder, readdirSync(folder).find((name) => name.endsWith(ending)) ?? "none");
}

function replace(space: GateWorkspace, path: string, from: string, to: string): void {
  const text = space.project.read(path);
  expect(text).toContain(from);
  space.project.write(path, text.replaceAll(from, to));
}

/** Puts another runbook with the same decisions beside the approved one. */
function copyApprovalTo(space: GateWorkspace, id: string): void {
  space.project.write(`runbooks/${id}/runbook.md`, space.project.read(DOCUMENT).replaceAll(ID, id));
  for (const ending of [".yaml", ".yaml.sig"]) {
    const file = approvalFile(space, ending);
    space.project.write(`runbooks/${id}/approvals/${file.split("/").at(-1)}`, readFileSync(file, "utf8"));
  }
}

/** Each case of the corpus, done for real; the answer begins with what is expected. */
const corpus: Record<string, (space: GateWorkspace) => Promise<string>> = {
  "appr-001": judge,
  "appr-003": (space) => {
    space.project.write(DOCUMENT, `${space.project.read(DOCUMENT)}\n`);
    return judge(space);
  },
  "appr-004": async (space) => {
    space.project.write("deploy/shop/compose.yaml", "services: {}\r\n");
    expect(await judge(space)).toMatch(/^invalid:digest the approval has lapsed: file deploy/);
    space.project.write("deploy/shop/compose.yaml", "services: {}\n");
    space.project.write(DOCUMENT, space.project.read(DOCUMENT).replaceAll("\n", "\r\n"));
    return judge(space);
  },
  "appr-005": (space) => {
    space.project.write("deploy/shop/compose.yaml", "services: { evil: {} }\n");
    return judge(space);
  },
  "appr-008": async (space) => {
    const key = join(space.space.directory, "mallory");
    makeTestKey(key, "pass phrase");
    const sign = testSigner(space.space.directory, key, "pass phrase");
    writeFileSync(
      approvalFile(space, ".sig"),
      await sign(readFileSync(approvalFile(space)), APPROVAL_NAMESPACE),
    );
    return judge(space);
  },
  "appr-011": async (space) => {
    const key = join(space.space.directory, "mallory");
    makeTestKey(key, "pass phrase");
    const publicKey = readFileSync(`${key}.pub`, "utf8");
    space.project.write("allowed_signers", `${ADA} namespaces="${APPROVAL_NAMESPACE}" ${publicKey}`);
    const sign = testSigner(space.space.directory, key, "pass phrase");
    writeFileSync(
      approvalFile(space, ".sig"),
      await sign(readFileSync(approvalFile(space)), APPROVAL_NAMESPACE),
    );
    space.project.git("add", ".");
    space.project.git("commit", "-qm", "Approve, and say who may");
    return judge(space);
  },
  "appr-013": (space) => {
    space.context.setNow("2026-11-22T00:00:00Z");
    return judge(space);
  },
  "appr-016": (space) => {
    copyApprovalTo(space, OTHER);
    return judge(space, space.gate(), OTHER);
  },
  "appr-018": (space) => {
    space.project.git("checkout", "-q", "--orphan", "rewritten");
    space.project.git("commit", "-qm", "Another history");
    return judge(space);
  },
  "appr-020": async (space) => {
    const paths = trustPaths(space.context.env);
    addSigner(paths, "sysadmin@infra", readFileSync(`${paths.key}.pub`, "utf8"));
    const statement = parseStatement(readFileSync(approvalFile(space)), "");
    const bytes = Buffer.from(formatStatement({ ...statement, approver: "sysadmin@infra" }));
    const signature = await space.sign(bytes, APPROVAL_NAMESPACE);
    writeFileSync(approvalFile(space), bytes);
    writeFileSync(approvalFile(space, ".sig"), signature);
    const agent = await judge(space);
    expect(agent).toMatch(/^invalid:self/);
    return agent;
  },
  "appr-021": (space) => decideAgain(space, { terminal: false, pagesShown: 99 }),
  "appr-022": (space) => decideAgain(space, PRESENT, { CODEX_SANDBOX: "seatbelt" }),
  "appr-023": (space) => decideAgain(space, { terminal: true, pagesShown: 1 }),
  "appr-025": (space) => decideAgain(space, { terminal: true, pagesShown: 0 }),
  "appr-026": (space) => {
    const text = readFileSync(approvalFile(space), "utf8");
    const [first = "", second = "", ...rest] = text.split("\n");
    writeFileSync(approvalFile(space), [second, first, ...rest].join("\n"));
    return judge(space);
  },
};

/** A decision after the content changed, by whoever these facts describe. */
async function decideAgain(space: GateWorkspace, facts: typeof PRESENT, env: Record<string, string> = {}) {
  replace(space, DOCUMENT, "What it does.", "What it does now.");
  const gate = space.gate();
  const other = { ...gate, context: { ...gate.context, env: { ...gate.context.env, ...env } } };
  const plan = await planDecision(other, ID, { decision: "approve", principal: ADA });
  const names: Record<string, string> = {
    "human.terminal": "invalid:agent",
    "human.agent": "invalid:agent",
    "approval.display": "invalid:display",
  };
  const before = readdirSync(join(space.project.root, "runbooks", ID, "approvals"));
  try {
    await recordDecision(other, plan, facts, space.sign);
    return "valid";
  } catch (error) {
    expect(readdirSync(join(space.project.root, "runbooks", ID, "approvals"))).toEqual(before);
    return names[(error as { code: string }).code] ?? String(error);
  }
}

test.each(readCorpus("approval").filter(({ id }) => id !== "appr-028"))(
  "$id: $text",
  async ({ id, expected }) => {
    const act = corpus[id];
    if (act === undefined) throw new Error(`nothing tests ${id}`);
    expect((await act(await approved())).split(" ")[0]).toBe(expected);
  },
);

test.each([
  ["expires", "2027-02-01T00:00:00.000Z"],
  ["created", "2026-01-01T00:00:00.000Z"],
  ["expires", "+012026-11-21T00:00:00.000Z"],
])(
  "a signed statement that was to live for more than 31 days counts for nothing: %s %s",
  async (key, time) => {
    const space = await approved();
    const file = approvalFile(space);
    const text = readFileSync(file, "utf8").replace(new RegExp(`^${key}: .*$`, "m"), `${key}: "${time}"`);
    writeFileSync(file, text);
    writeFileSync(approvalFile(space, ".sig"), await space.sign(Buffer.from(text), APPROVAL_NAMESPACE));
    expect(await judge(space)).toMatch(/^invalid:expired .*at most 31 days/);
    expect((await summarize(space.gate().project, space.context, ID)).state).toBe("draft");
  },
);

/** What is changed, and how the message names it. */
const changes: [string, (space: GateWorkspace) => void, string][] = [
  ["a command", (space) => replace(space, DOCUMENT, "printf A", "printf B"), "step 2's command changed"],
  ["a check", (space) => replace(space, DOCUMENT, "grep -q A", "grep -q B"), "step 2's check changed"],
  ["a rollback", (space) => replace(space, DOCUMENT, "printf a", "printf b"), "step 2's rollback changed"],
  [
    "a time-out",
    (space) => replace(space, DOCUMENT, "sh run host=here\nprintf", "sh run host=here timeout=9m\nprintf"),
    "step 2's command changed",
  ],
  [
    "a variable",
    (space) => replace(space, DOCUMENT, "1.2.0", "1.3.0"),
    "variable VERSION changed from 1.2.0 to 1.3.0",
  ],
  [
    "an installed file",
    (space) => void space.project.write("deploy/shop/compose.yaml", "x: 1\n"),
    "file deploy/shop/compose.yaml changed",
  ],
  [
    "prose alone",
    (space) => replace(space, DOCUMENT, "What it does.", "Harmless."),
    "the text of runbook.md changed",
  ],
  ["the policy", (space) => void space.project.write("policy.yaml", "rules: [all]\n"), "policy.yaml changed"],
  [
    "the policy, removed",
    (space) => unlinkSync(join(space.project.root, "policy.yaml")),
    "policy.yaml was removed",
  ],
  ["vibeops.yaml", (space) => replace(space, "vibeops.yaml", "builtin", "claude"), "vibeops.yaml changed"],
  [
    "the host's entry",
    (space) => replace(space, "inventory.yaml", "runtime: process", "runtime: compose"),
    "host here's entry in the inventory changed",
  ],
  [
    "the host's tier",
    (space) => replace(space, "inventory.yaml", "tier: local", "tier: live"),
    "now counts as live",
  ],
  [
    "another entry",
    (space) =>
      void space.project.write("inventory.yaml", `${space.project.read("inventory.yaml")}  other: {}\n`),
    "inventory.yaml changed",
  ],
  [
    "a link in place of a file",
    (space) => {
      const path = join(space.project.root, "deploy/shop/compose.yaml");
      renameSync(path, `${path}.real`);
      symlinkSync("compose.yaml.real", path);
    },
    "file deploy/shop/compose.yaml was removed",
  ],
];

test.each(changes)(
  "changing %s lapses the approval, and the message names it",
  async (_, change, message) => {
    const space = await approved();
    expect(await judge(space)).toBe("valid");
    change(space);
    expect(await judge(space)).toContain(`${message}`);
    expect(await judge(space)).toMatch(/^invalid:digest .*since ada@example.com approved it/);
  },
);

test("a later commit of something else, and the commit of the approval itself, lapse nothing", async () => {
  const space = await approved();
  space.project.write("STATE.md", "## Current status\n");
  space.project.git("add", ".");
  space.project.git("commit", "-qm", "State");
  expect(await judge(space)).toBe("valid");
});

test("`approved: true`, a hand-made file and a file without a signature count for nothing and are reported", async () => {
  const space = gateWorkspace();
  const text = runbookText({ steps: letterStep(1, space.host, "A") });
  space.writeRunbook(text);
  expect(await judge(space)).toBe("approval.none");
  space.project.write(`runbooks/${ID}/approvals/yes.yaml`, "approved: true\n");
  expect(await judge(space)).toMatch(/^invalid:json/);
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  space.project.write(
    `runbooks/${ID}/approvals/${plan.statement.nonce}.yaml`,
    formatStatement(plan.statement),
  );
  unlinkSync(join(space.project.root, `runbooks/${ID}/approvals/yes.yaml`));
  expect(await judge(space)).toMatch(/^invalid:signature/);
  space.project.write(DOCUMENT, text.replace("title:", "approved: true\ntitle:"));
  expect(() => loadRunbook(space.gate().project, ID)).toThrow(/unknown key 'approved'/);
});

test("a signature under another namespace is worth nothing", async () => {
  const space = await approved();
  const signature = await space.sign(readFileSync(approvalFile(space)), "git");
  writeFileSync(approvalFile(space, ".sig"), signature);
  expect(await judge(space)).toMatch(/^invalid:namespace/);
});

test("a key that opens without a person cannot approve, and what it signed does not count", async () => {
  const space = await approved();
  const paths = trustPaths(space.context.env);
  for (const file of [paths.key, `${paths.key}.pub`, paths.allowedSigners]) unlinkSync(file);
  makeTestKey(paths.key, "");
  addSigner(paths, ADA, readFileSync(`${paths.key}.pub`, "utf8"));
  const sign = testSigner(space.space.directory, paths.key, "");
  writeFileSync(
    approvalFile(space, ".sig"),
    await sign(readFileSync(approvalFile(space)), APPROVAL_NAMESPACE),
  );
  expect(await judge(space)).toMatch(/^invalid:agent/);
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  await expect(recordDecision(space.gate(), plan, PRESENT, sign)).rejects.toMatchObject({
    code: "trust.key-open",
  });
});

test("trust inside the project, behind a link, or with a pattern for a principal is refused", async () => {
  const space = await approved();
  const gate = space.gate();
  const inside = {
    ...gate,
    context: { ...gate.context, env: { ...gate.context.env, XDG_CONFIG_HOME: space.project.root } },
  };
  expect(await judge(space, inside)).toBe("trust.inside");
  const { allowedSigners } = trustPaths(space.context.env);
  const text = readFileSync(allowedSigners, "utf8");
  writeFileSync(allowedSigners, text.replace(ADA, "*"));
  expect(await judge(space)).toBe("trust.signers");
  renameSync(allowedSigners, `${allowedSigners}.real`);
  symlinkSync(`${allowedSigners}.real`, allowedSigners);
  expect(await judge(space)).toBe("trust.symlink");
});

test("a revoked key's approvals do not count any more, and that it was revoked is said, with the note", async () => {
  const space = await approved();
  const paths = trustPaths(space.context.env);
  const key = readFileSync(`${paths.key}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(paths.revoked, `${key} ${ADA} 2026-11-20 laptop stolen\n`);
  expect(await judge(space)).toMatch(/^invalid:revoked/);
  await expect(requireApproval(space.gate(), loadRunbook(space.gate().project, ID))).rejects.toMatchObject({
    code: "approval.invalid",
    message: expect.stringMatching(
      /the key SHA256:\S+ of ada@example\.com was revoked \(ada@example\.com 2026-11-20 laptop stolen\)/,
    ) as string,
  });
});

test("a rejection stands for its content: it says who, when and why, and no second decision is taken", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  const no = { decision: "reject", principal: ADA } as const;
  await expect(planDecision(space.gate(), ID, no)).rejects.toMatchObject({ code: "approval.reason" });
  const plan = await planDecision(space.gate(), ID, { ...no, reason: "too late in the day" });
  await recordDecision(space.gate(), plan, { terminal: true, pagesShown: 0 }, space.sign);
  expect(await judge(space)).toBe("approval.rejected");
  await expect(space.approve()).rejects.toMatchObject({
    code: "approval.decided",
    message: expect.stringContaining("ada@example.com rejected this very content on 2026-11-20"),
  });
  replace(space, DOCUMENT, "What it does.", "What it does tomorrow.");
  await space.approve();
  expect(await judge(space)).toBe("valid");
});

test.each([
  ["before", "2026-11-20T10:00:00.000Z"],
  ["after", "2026-11-20T14:30:00.000Z"],
])(
  "a rejection stands against an approval of the same content dated %s it: no merge brings it back",
  async (_, created) => {
    const space = await approved();
    const statement = parseStatement(readFileSync(approvalFile(space)), "");
    const no = {
      ...statement,
      decision: "reject" as const,
      reason: "not on a Friday",
      nonce: OTHER,
      created,
    };
    const bytes = Buffer.from(formatStatement(no));
    space.project.write(`runbooks/${ID}/approvals/${OTHER}.yaml`, bytes.toString());
    const signature = await space.sign(bytes, APPROVAL_NAMESPACE);
    space.project.write(`runbooks/${ID}/approvals/${OTHER}.yaml.sig`, signature);
    expect(await judge(space)).toBe("approval.rejected");
  },
);

test("a second approval of content that is approved already is refused", async () => {
  const space = await approved();
  await expect(space.approve()).rejects.toMatchObject({ code: "approval.decided", exit: 5 });
});

test("who rejects what is approved is told to change it, which ends the approval and keeps it on record", async () => {
  const space = await approved();
  const no = { decision: "reject", principal: ADA, reason: "not on a Friday" } as const;
  const plan = planDecision(space.gate(), ID, no);
  await expect(plan).rejects.toMatchObject({
    code: "approval.decided",
    fix: expect.stringContaining(`change runbooks/${ID}/runbook.md`) as string,
  });
  replace(space, DOCUMENT, "What it does.", "What it does, and not on a Friday.");
  expect(await judge(space)).toContain("the text of runbook.md changed since ada@example.com approved it");
});

test("what changed while it was being read is not approved", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  replace(space, DOCUMENT, "printf A", "printf X");
  await expect(recordDecision(space.gate(), plan, PRESENT, space.sign)).rejects.toMatchObject({
    code: "approval.changed",
    exit: 7,
    message: expect.stringContaining("step 1's command changed") as string,
  });
});

test("a runbook with errors or with characters that nobody sees cannot be approved", async () => {
  const space = gateWorkspace();
  space.writeRunbook(
    runbookText({ steps: letterStep(1, space.host, "A").replace("printf A", "printf A\u202e") }),
  );
  await expect(space.approve()).rejects.toMatchObject({ code: "runbook.findings", exit: 4 });
});

test("four eyes: who wrote it does not approve it, where the policy asks for that", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ author: ADA, steps: letterStep(1, space.host, "A") }));
  await space.approve();
  expect(await judge(space)).toBe("valid");
  space.project.write("policy.yaml", "approval: { four_eyes: true }\n");
  await expect(space.approve()).rejects.toMatchObject({ code: "approval.self", exit: 5 });
});

test.each(["Ada Example <ada@example.com>", "ADA@example.com", "bob@example.com, ada@example.com"])(
  "four eyes: whoever wrote it does not approve it, however the front matter writes it: %s",
  async (author) => {
    const space = gateWorkspace();
    space.project.write("policy.yaml", "approval: { four_eyes: true }\n");
    space.writeRunbook(
      runbookText({ author: JSON.stringify(author), steps: letterStep(1, space.host, "A") }),
    );
    await expect(space.approve()).rejects.toMatchObject({ code: "approval.self", exit: 5 });
  },
);

test.each(["", "author:\n", 'author: "  "\n'])(
  "four eyes: nobody approves what does not say who wrote it: %j",
  async (line) => {
    const space = gateWorkspace();
    space.project.write("policy.yaml", "approval: { four_eyes: true }\n");
    const text = runbookText({ steps: letterStep(1, space.host, "A") });
    space.writeRunbook(text.replace("author: sysadmin@infra\n", line));
    await expect(space.approve()).rejects.toMatchObject({ code: "approval.self", exit: 5 });
  },
);

test("each byte of an approved runbook, flipped in turn, is refused", async () => {
  const space = await approved();
  const path = join(space.project.root, DOCUMENT);
  const bytes = readFileSync(path);
  const step = process.env.VIBEOPS_EVERY_BYTE === "1" ? 1 : Math.max(1, Math.floor(bytes.length / 40));
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    writeFileSync(path, flipped);
    // In a host's name it makes the approval one for another host, which has a word of its own.
    const reason = isHostName(bytes, at) ? /^invalid:(?:digest|replay) / : /^invalid:digest /;
    expect(await judge(space), `byte ${at}`).toMatch(reason);
  }
}, 900_000);

/** Whether this byte stands in a line that names hosts. */
function isHostName(bytes: Buffer, at: number): boolean {
  const text = bytes.toString("latin1");
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, text.indexOf("\n", at));
  return /^hosts:|^host: | host=/.test(line);
}

test("what a screen is given to approve holds every command in full", async () => {
  const space = gateWorkspace();
  const long = `printf A >>${space.host}/letters # ${"x".repeat(500)} end`;
  space.writeRunbook(
    runbookText({ steps: letterStep(1, space.host, "A").replace(`printf A >>${space.host}/letters`, long) }),
  );
  const { pages } = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  expect(pages.flatMap((page) => page.lines.map(({ text }) => text)).join("\n")).toContain(long);
});

test("where the policy wants two people, one is not enough, two are, and both are used up", async () => {
  const space = gateWorkspace();
  space.project.write("policy.yaml", "approval: { approvals: 2 }\n");
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await space.approve();
  await expect(requireApproval(space.gate(), loadRunbook(space.gate().project, ID))).rejects.toMatchObject({
    code: "approval.more",
    exit: 6,
  });
  await expect(space.approve()).rejects.toMatchObject({
    code: "approval.decided",
    fix: `somebody else reads it and types: vibeops runbook approve ${ID}`,
  });
  const key = join(space.space.directory, "grace");
  makeTestKey(key, "another phrase");
  addSigner(trustPaths(space.context.env), "grace@example.com", readFileSync(`${key}.pub`, "utf8"));
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: "grace@example.com" });
  await recordDecision(space.gate(), plan, PRESENT, testSigner(space.space.directory, key, "another phrase"));
  const granted = await requireApproval(space.gate(), loadRunbook(space.gate().project, ID));
  expect(granted.further).toHaveLength(1);
  await walkRunbook(space.gate(), ID, {
    mode: "ssh",
    operator: scriptedOperator(["run"]),
    facts: { terminal: true },
  });
  await expect(requireApproval(space.gate(), loadRunbook(space.gate().project, ID))).rejects.toMatchObject({
    code: "approval.lapsed",
    facts: { reason: "replay" },
  });
});

test("where the policy wants two people, the second may say no: it stands, and nobody approves after it", async () => {
  const space = gateWorkspace();
  space.project.write("policy.yaml", "approval: { approvals: 2 }\n");
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await space.approve();
  const key = join(space.space.directory, "grace");
  makeTestKey(key, "another phrase");
  addSigner(trustPaths(space.context.env), "grace@example.com", readFileSync(`${key}.pub`, "utf8"));
  const no = { decision: "reject", principal: "grace@example.com", reason: "not on a Friday" } as const;
  const plan = await planDecision(space.gate(), ID, no);
  await recordDecision(space.gate(), plan, PRESENT, testSigner(space.space.directory, key, "another phrase"));
  await expect(requireApproval(space.gate(), loadRunbook(space.gate().project, ID))).rejects.toMatchObject({
    code: "approval.rejected",
    message: expect.stringContaining("not on a Friday"),
  });
  const yes = planDecision(space.gate(), ID, { decision: "approve", principal: "joan@example.com" });
  await expect(yes).rejects.toMatchObject({
    code: "approval.decided",
    message: expect.stringContaining("grace@example.com rejected"),
  });
});

test("one key under two names is one person", async () => {
  const space = gateWorkspace();
  const paths = trustPaths(space.context.env);
  const [line = ""] = readFileSync(paths.allowedSigners, "utf8").split("\n");
  writeFileSync(paths.allowedSigners, `${line}\n${line.replace(ADA, "grace@example.com")}\n`);
  space.project.write("policy.yaml", "approval: { approvals: 2 }\n");
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await space.approve();
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: "grace@example.com" });
  await recordDecision(space.gate(), plan, PRESENT, space.sign);
  const more = expect.objectContaining({ code: "approval.more" }) as Error;
  const ask = () => requireApproval(space.gate(), loadRunbook(space.gate().project, ID));
  await expect(ask()).rejects.toThrow(more);
  // A third person does what that message says, with a key of their own.
  const key = join(space.space.directory, "joan");
  makeTestKey(key, "another phrase");
  addSigner(paths, "joan@example.com", readFileSync(`${key}.pub`, "utf8"));
  const third = await planDecision(space.gate(), ID, { decision: "approve", principal: "joan@example.com" });
  await recordDecision(
    space.gate(),
    third,
    PRESENT,
    testSigner(space.space.directory, key, "another phrase"),
  );
  expect((await ask()).further).toHaveLength(1);
});

test("a policy that cannot be read lets nobody approve, and one that lets an approval live shorter is kept to", async () => {
  const space = gateWorkspace();
  space.project.write("policy.yaml", "approvel: {}\n");
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await expect(space.approve()).rejects.toMatchObject({ code: "policy.unreadable", exit: 5, line: 1 });
  space.project.write("policy.yaml", "approval: { expiry: 2h }\n");
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  expect(Date.parse(plan.statement.expires) - Date.parse(plan.statement.created)).toBe(2 * 3_600_000);
  const lifeMs = 3 * 3_600_000;
  const long = planDecision(space.gate(), ID, { decision: "approve", principal: ADA, lifeMs });
  await expect(long).rejects.toMatchObject({ code: "approval.expired", exit: 5 });
});

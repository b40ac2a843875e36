import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planDecision } from "../../src/runbook/decide.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { runIn } from "../helpers/cli.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, PRESENT, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const CONFIG = `project: infra
agents: { sysadmin: { provider: builtin } }
actions:
  note.write:
    description: Writes a note into a file on the host.
    parameters:
      file: { type: string, description: where }
      text: { type: string, default: "it's $HOME" }
    run: [cp, /dev/null, "\${file}"]
    check: [test, -e, "\${file}"]
    rollback: [rm, -f, "\${file}"]
`;

function noteSpace(): GateWorkspace {
  const space = gateWorkspace();
  space.project.write("vibeops.yaml", CONFIG);
  const call = `use: note.write\nhost: here\nwith: { file: "${space.host}/a b" }`;
  space.writeRunbook(runbookText({ steps: `### 1. Note\n\n\`\`\`yaml action\n${call}\n\`\`\`\n` }));
  return space;
}

test("runbook actions documents every action from its schema, a project's own with the file they come from", async () => {
  const space = noteSpace();
  const list = await runIn(space.project.root, space.context, ["runbook", "actions", "--json"]);
  const { actions } = JSON.parse(list.stdout).result as { actions: Record<string, unknown>[] };
  const names = actions.map(({ name }) => name);
  expect(names).toEqual(
    "backup.create backup.restore caddy.reload caddy.validate compose.down compose.pull compose.restart compose.up files.install http.check nginx.reload nginx.validate note.write process.start process.stop release.place release.switch secret.place service.restart wait".split(
      " ",
    ),
  );
  expect(actions.find(({ name }) => name === "note.write")).toMatchObject({
    file: "vibeops.yaml",
    tier: "as its host",
    check: expect.stringMatching(/^test -e \$\{file\}$/),
    rollback: expect.stringMatching(/^rm -f \$\{file\}$/),
    parameters: [
      { name: "file", type: "text", required: true, description: "where" },
      { name: "text", type: "text", required: false, default: "it's $HOME" },
    ],
  });
  for (const action of actions) {
    expect(action).toMatchObject({
      tier: expect.any(String),
      check: expect.any(String),
      example: expect.any(Object),
    });
  }
  const one = await runIn(space.project.root, space.context, ["runbook", "actions", "http.check"]);
  expect(one.stdout).toMatch(/seconds +whole number 1-300 +default 10 /);
  const none = await runIn(space.project.root, space.context, ["runbook", "actions", "note.wrote"]);
  expect(none).toMatchObject({ exit: 3, stderr: expect.stringContaining("did you mean 'note.write'") });
});

test("runbook compile --check fails where a command differs and writes nothing; compile mends it, and only it", async () => {
  const space = noteSpace();
  const file = join(space.project.root, `runbooks/${ID}/runbook.md`);
  const compiled = readFileSync(file, "utf8");
  const run = (...flags: string[]) =>
    runIn(space.project.root, space.context, ["runbook", "compile", ID, ...flags]);
  expect(await run("--check")).toMatchObject({ exit: 0 });
  const changed = compiled
    .replace("cp /dev/null", "cp /etc/passwd")
    .replace("## Summary\n", "## Summary  \n");
  space.project.write(`runbooks/${ID}/runbook.md`, changed);
  expect(await run("--check")).toMatchObject({ exit: 4, stdout: expect.stringContaining("+cp /dev/null") });
  expect(readFileSync(file, "utf8")).toBe(changed);
  const lint = await runIn(space.project.root, space.context, ["runbook", "lint", ID]);
  expect(lint).toMatchObject({ exit: 4, stdout: expect.stringContaining("not what note.write compiles to") });
  expect(lint.stdout).toContain(`vibeops runbook compile ${ID}\n`);
  expect(await run()).toMatchObject({ exit: 0, stderr: "" });
  expect(readFileSync(file, "utf8")).toBe(compiled.replace("## Summary\n", "## Summary  \n"));
  expect(await run()).toMatchObject({ exit: 0, stdout: expect.stringContaining("nothing to change") });
});

test("a runbook with a project's action is walked, and a change of the definition lapses its approval", async () => {
  const space = noteSpace();
  await space.approve();
  space.project.write("vibeops.yaml", CONFIG.replace("[rm, -f,", "[rm, -rf,"));
  const walk = () =>
    walkRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator(["run"]), facts: PRESENT });
  await expect(walk()).rejects.toMatchObject({
    code: "approval.lapsed",
    message: expect.stringMatching(/note\.write.*vibeops\.yaml changed/),
  });
  space.project.write("vibeops.yaml", CONFIG);
  expect(await walk()).toMatchObject({ phase: "completed" });
});

test("a tier in the definition raises that of every command, and its checks are not believed to only read", async () => {
  const space = noteSpace();
  const tiers = async () => {
    const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
    return plan.statement.steps[0]?.commands.map(({ tier }) => tier);
  };
  expect(await tiers()).toEqual(["local", "local", "local"]);
  space.project.write("vibeops.yaml", `${CONFIG}    tier: live\n`);
  expect(await tiers()).toEqual(["live", "live", "live"]);
  space.project.write("vibeops.yaml", `${CONFIG}    tier: destructive\n`);
  expect(await tiers()).toEqual(["destructive", "destructive", "destructive"]);
});

test("an unknown parameter and an unknown action are found by lint, with the nearest right one", async () => {
  const space = noteSpace();
  const file = `runbooks/${ID}/runbook.md`;
  const text = readFileSync(join(space.project.root, file), "utf8");
  space.project.write(file, text.replace("with: { file:", "with: { fiel:"));
  const lint = () => runIn(space.project.root, space.context, ["runbook", "lint", ID]);
  expect(await lint()).toMatchObject({ exit: 4, stdout: expect.stringContaining("did you mean file?") });
  space.project.write(file, text.replace("use: note.write", "use: note.writ"));
  expect(await lint()).toMatchObject({
    exit: 4,
    stdout: expect.stringContaining("did you mean note.write?"),
  });
});

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { putMemo } from "../helpers/memo-file.ts";
import type { ScriptedAnswer } from "../helpers/models/answer.ts";
import { apis, BLOCK, filesOf, modelWorkspace, send } from "./model-workspace.ts";

const call = (name: string, input: unknown): ScriptedAnswer => ({ calls: [{ name, input }] });

describe.each(apis)("a sysadmin who is a model of $provider", (api) => {
  test("prepares what the builtin one prepares, says so in git, and hands over", async () => {
    const script: ScriptedAnswer[] = [];
    const { server, shop, infra } = await modelWorkspace(api, script);
    await using _ = server;
    const id = await send(shop, "Deploy shop 1.2.0", BLOCK, "deployment");
    script.push(
      call("memo_show", { id }),
      {
        text: ["I prepare it. "],
        calls: [
          { name: "prepare", input: { id } },
          { name: "runbook_list", input: {} },
        ],
      },
      call("memo_done", { id, note: "Prepared; deploying is a person's." }),
      { text: ["The runbook is ready, ", "with its questions."] },
    );
    const run = await infra.vibeops("session", "run");
    expect(run).toMatchObject({ exit: 0, stderr: "" });
    expect(run.stdout).toContain("I prepare it. ");
    const made = filesOf(infra, "deploy", "runbooks");
    expect(Object.keys(made)).toContain("deploy/shop/compose.yaml");

    const builtin = await modelWorkspace(api, []);
    await using _other = builtin.server;
    builtin.infra.write(
      "vibeops.yaml",
      builtin.infra
        .read("vibeops.yaml")
        .replace(/^agents:.*$/m, "agents: { sysadmin: { provider: builtin } }"),
    );
    await send(builtin.shop, "Deploy shop 1.2.0", BLOCK, "deployment");
    expect((await builtin.infra.vibeops("session", "run")).exit).toBe(0);
    expect(made).toEqual(filesOf(builtin.infra, "deploy", "runbooks"));

    const log = infra.git("log", "--format=%s%n%(trailers:only,unfold)");
    expect(log).toContain("Agent: sysadmin@infra\nAgent-Tool: vibeops 0.0.0-source\nAgent-Model: scripted");
    expect(infra.read("STATE.md")).toContain("> The runbook is ready, with its questions.");
    expect(infra.git("status", "--porcelain")).toBe("");
    const first = JSON.stringify(server.seen[0]?.body);
    expect(first).toContain("You are sysadmin of the project infra");
    expect(first).toContain("<<<untrusted ");
    expect(first).toContain(id);
  });

  test("is stopped by its budget, and the next session of the same model goes on by itself", async () => {
    const script: ScriptedAnswer[] = [];
    const { server, shop, infra } = await modelWorkspace(api, script);
    await using _ = server;
    const id = await send(shop, "Say hello", "Say hello to us.");
    const usage = { input: 400_000, output: 100_000, cached: 200_000 };
    script.push({ ...call("memo_show", { id }), usage }, { ...call("memo_list", {}), usage });
    const run = await infra.vibeops("session", "run", "--money", "2", "--json");
    const { result } = JSON.parse(run.stdout);
    expect(run.exit).toBe(6);
    // 0.2 × 2 + 0.2 × 0.5 + 0.1 × 10, twice
    expect(result.model).toMatchObject({ ended: "budget", turns: 2, cost: expect.closeTo(3, 6) });
    expect(result.left).toMatchObject([{ id, why: "the budget is spent: 2 of money" }]);
    expect(run.stderr).toContain('{"kind":"call","text":"memo_show');
  });

  test("says no more in a turn than vibeops.yaml lets it, since a server refuses more than its model can", async () => {
    const { server, infra } = await modelWorkspace(api, [{ text: ["Done."] }]);
    await using _ = server;
    infra.write(
      "vibeops.yaml",
      infra.read("vibeops.yaml").replace("model: scripted", "model: scripted, max_tokens: 4096"),
    );
    expect((await infra.vibeops("session", "run")).exit).toBe(0);
    expect(JSON.stringify(server.seen[0]?.body)).toMatch(/"(max_tokens|maxOutputTokens)":4096\b/);
  });

  test("asks a person, goes on with the rest, and the question stands in the hand-over", async () => {
    const script: ScriptedAnswer[] = [];
    const { server, shop, infra } = await modelWorkspace(api, script);
    await using _ = server;
    await send(shop, "Open port 25", "Please.");
    script.push(call("ask_human", { question: "May port 25 be open to the world?" }), { text: ["I asked."] });
    const run = await infra.vibeops("session", "run");
    expect(run.exit).toBe(6);
    expect(run.stdout).toContain("question for you: May port 25 be open to the world?");
    expect(infra.read("STATE.md")).toContain("- May port 25 be open to the world?");
  });

  test("hands over what it said at the end without the secrets in it", async () => {
    const { server, infra } = await modelWorkspace(api, [
      { text: ["I have set PGPASSWORD=Tr0ub4dor-and-3-horses and am done."] },
    ]);
    await using _ = server;
    expect(await infra.vibeops("session", "run")).toMatchObject({ exit: 0 });
    expect(infra.read("STATE.md")).toContain("and am done.");
    expect(infra.git("log", "-p")).not.toContain("Tr0ub4dor");
  });

  test("that stops while memos are pending is reminded, and then left alone", async () => {
    const { server, shop, infra } = await modelWorkspace(api, () => ({ text: ["Done."] }));
    await using _ = server;
    await send(shop, "Say hello", "Hello.");
    const run = await infra.vibeops("session", "run", "--json");
    expect(run.exit).toBe(6);
    expect(JSON.parse(run.stdout).result.model).toMatchObject({ ended: "left", turns: 3 });
    expect(JSON.stringify(server.seen[1]?.body)).toContain("1 memo pending for you");
  });

  test("hears what was wrong with its call, and nothing was done", async () => {
    const script: ScriptedAnswer[] = [
      { calls: [{ name: "memo_done", input: '{"id": ' }] },
      call("no_such_tool", {}),
      call("memo_new", { to: "shop" }),
      call("memo_new", { to: ["office"], subject: "Hi", text: "Hi" }),
      { text: ["I give up."] },
    ];
    const { server, infra } = await modelWorkspace(api, script);
    await using _ = server;
    expect((await infra.vibeops("session", "run")).exit).toBe(0);
    const [, second, third, fourth, fifth] = server.seen.map(({ body }) => JSON.stringify(body));
    expect(second).toContain("nothing was done");
    expect(third).toContain("there is no tool no_such_tool");
    expect(fourth).toContain("the arguments do not fit");
    expect(fifth).toContain("has no peer 'office'");
  });

  test("that was killed between a tool and its result goes on, and is told that nobody knows", async () => {
    const script: ScriptedAnswer[] = [];
    const { server, shop, infra } = await modelWorkspace(api, script);
    await using _ = server;
    const id = await send(shop, "Say hello", "Hello.");
    script.push(call("state_set", { status: "Half" }), { text: ["Cut"], cut: true });
    script.push({ status: 400 });
    await infra.vibeops("session", "run");
    const folder = join(infra.root, ".vibeops/transcripts");
    const [name = ""] = readdirSync(folder);
    const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
    // As if the process had ended after the call was noted, in the middle of the line with its result.
    writeFileSync(join(folder, name), `${lines.slice(0, 3).join("\n")}\n${lines[3]?.slice(0, 40)}`);
    script.push(call("memo_done", { id, note: "Said hello.", unfinished: "nothing to write" }), {
      text: ["Done."],
    });
    const run = await infra.vibeops("session", "run");
    expect(run).toMatchObject({ exit: 0, stderr: "" });
    expect(run.stdout).toContain("goes on where it was cut off: turn 2");
    const resumed = JSON.stringify(server.seen.at(-2)?.body);
    expect(resumed).toContain("This may have been done or not: look before you do it again");
    expect(resumed).toContain("state_set");
  });

  test("does not take over the conversation of a session that runs at the same time", async () => {
    const script: ScriptedAnswer[] = [];
    const { server, shop, infra } = await modelWorkspace(api, script);
    await using _ = server;
    const id = await send(shop, "Say hello", "Hello.");
    script.push(call("memo_done", { id, note: "Said hello.", unfinished: "nothing to write" }), {
      text: ["Done."],
    });
    const runs = await Promise.all([infra.vibeops("session", "run"), infra.vibeops("session", "run")]);
    expect(runs.map(({ exit }) => exit).sort()).toEqual([0, 7]);
    expect(runs.map(({ stderr }) => stderr).join("")).toContain("a session of sysadmin runs here already");
    expect(server.seen).toHaveLength(2);
    expect(readdirSync(join(infra.root, ".vibeops/transcripts"))).toHaveLength(1);
    expect((await infra.vibeops("session", "run")).exit).toBe(8);
  });

  test("a conversation that the provider refuses is not begun again where it was", async () => {
    const script: ScriptedAnswer[] = [];
    const { server, shop, infra } = await modelWorkspace(api, script);
    await using _ = server;
    const id = await send(shop, "Say hello", "Hello.");
    script.push(call("memo_show", { id }), { status: 400 });
    expect((await infra.vibeops("session", "run")).exit).toBe(8);
    script.push(call("memo_done", { id, note: "Said hello.", unfinished: "nothing to write" }), {
      text: ["Done."],
    });
    const run = await infra.vibeops("session", "run");
    expect(run).toMatchObject({ exit: 0, stderr: "" });
    expect(run.stdout).not.toContain("goes on where it was cut off");
  });

  test("is told of the most urgent memos of a full inbox, and how many more there are", async () => {
    const { server, shop, infra } = await modelWorkspace(api, (_, count) => ({ text: [`No ${count}`] }));
    await using _ = server;
    for (let i = 0; i < 120; i += 1) {
      const id = `20261120T120000Z-${String(i).padStart(8, "0")}`;
      putMemo(shop, "memos/sent/2026-11", { id, subject: `Say hello ${i}` });
      putMemo(infra, "memos/incoming", { id, subject: `Say hello ${i}` });
    }
    infra.git("add", ".");
    infra.git("commit", "--quiet", "-m", "Mail");
    expect((await infra.vibeops("session", "run")).exit).toBe(6);
    const first = JSON.stringify(server.seen[0]?.body);
    expect(first).toContain("120 memos pending for you");
    expect(first).toContain("70 more, which are less urgent: memo_list");
    expect(first.length).toBeLessThan(40_000);
  });
});

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeWorkspace } from "../../src/cli/demo/workspace.ts";
import { runProcess } from "../../src/platform/process.ts";
import { randomBytes } from "../../src/platform/random-suffix.ts";
import { apis } from "../agent/model-workspace.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import type { ScriptedAnswer } from "../helpers/models/answer.ts";
import { KEY, serveModel } from "../helpers/models/server.ts";
import { BIN, PlayedOperator, pressEnterUntil } from "./operator.ts";

type Run = (cwd: string, ...argv: string[]) => ReturnType<typeof runProcess>;

/** A person's home, and the command as that person types it. */
function person(more: Readonly<Record<string, string>> = {}) {
  const directory = temporaryDirectory();
  const home = join(directory, "home");
  mkdirSync(home);
  writeFileSync(join(home, ".gitconfig"), "[user]\n\tname = Pat\n\temail = pat@example.com\n");
  const env = { PATH: process.env.PATH ?? "", HOME: home, GIT_CONFIG_NOSYSTEM: "1", ...more };
  const run: Run = (cwd, ...argv) => runProcess(process.execPath, [BIN, ...argv], { cwd, env });
  return { directory: join(directory, "demo"), env, run };
}

/** What the demo's builtin agents make, up to where a person must decide. */
async function playBuiltin() {
  const { directory, run } = person();
  mkdirSync(directory);
  const played = await run(directory, "demo", "d", "--json");
  expect(played.exitCode, played.stderr).toBe(0);
  const root = join(directory, "d");
  const [memo = ""] = inbox(join(root, "infra"));
  return {
    files: prepared(root),
    memo: readFileSync(join(root, "infra/memos/incoming", `${memo}.md`), "utf8"),
  };
}

/** Ids of the memos that are pending in a project. */
function inbox(project: string): string[] {
  const names = readdirSync(join(project, "memos/incoming")).filter((name) => name.endsWith(".md"));
  return names.map((name) => name.slice(0, -3)).sort();
}

/** What the sysadmin prepared, without what chance decides: ids, hashes, ports, places. */
function prepared(root: string): Record<string, string> {
  const infra = join(root, "infra");
  const files = ["deploy", "runbooks"].flatMap((folder) =>
    readdirSync(join(infra, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/^\.|\.jsonl$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const plain = (text: string) =>
    text
      .replaceAll(root, "<root>")
      .replaceAll(/\d{8}T\d{6}Z-[0-9a-z]{8}/g, "<id>")
      .replaceAll(/[0-9a-f]{40,64}/g, "<hash>")
      .replaceAll(/\b[12]\d{4}\b/g, "<port>");
  return Object.fromEntries(files.map((file) => [plain(file), plain(readFileSync(file, "utf8"))]));
}

let builtin: ReturnType<typeof playBuiltin> | undefined;

describe.each(apis)(
  "the demo, with models of $provider in all three projects,",
  ({ provider, wire, base }) => {
    test("prepares the same files, and a person carries it through to an answer that reaches the office", async () => {
      builtin ??= playBuiltin();
      const expected = await builtin;
      const script: ScriptedAnswer[] = [];
      await using server = await serveModel(wire, (_, count) => script[count] ?? { text: ["Nothing more."] });
      const { directory, env, run } = person({ VIBEOPS_API_KEY: KEY });
      const context = { env, now: () => new Date(), randomBytes };
      const space = await makeWorkspace(directory, context);
      const [shop, infra, office] = [space.shop.root, space.infra.root, space.office.root];
      for (const root of [shop, infra, office]) appointModel(root, provider, `${server.url}${base}`);
      const say = (...answers: ScriptedAnswer[]) => {
        script.length = server.seen.length;
        script.push(...answers);
      };
      const call = (name: string, input: unknown): ScriptedAnswer => ({ calls: [{ name, input }] });

      say(
        call("memo_new", {
          to: ["developer@shop"],
          subject: "Deploy shop 1.2.0 today",
          text: "## Context\n\nThe team wants it live today.\n",
          items: ["Ask infra to deploy it"],
        }),
        { text: ["Asked the shop."] },
      );
      await session(run, office);
      const [request = ""] = inbox(shop);

      const block = /```yaml\n[\s\S]*?```/.exec(expected.memo)?.[0] ?? "";
      const head = await runProcess("git", ["rev-parse", "HEAD"], { cwd: shop, env });
      const blockHere = block
        .replaceAll(/\b[12]\d{4}\b/g, String(space.port))
        .replace(/[0-9a-f]{40}/, head.stdout.trim());
      say(
        call("memo_show", { id: request }),
        {
          calls: [
            { name: "read_file", input: { path: "Dockerfile" } },
            { name: "read_file", input: { path: "package.json" } },
          ],
        },
        call("memo_new", {
          to: ["infra"],
          subject: "Deploy shop 1.2.0",
          type: "deployment",
          text: `## Deployment\n\n${blockHere}\n`,
          items: ["Write the runbook"],
        }),
      );
      await session(run, shop);
      const read = server.seen.map(({ body }) => JSON.stringify(body)).join("\n");
      expect(read).toContain("EXPOSE");
      const [deployment = ""] = inbox(infra);

      say(call("memo_show", { id: deployment }), call("prepare", { id: deployment }));
      await session(run, infra);
      expect(prepared(directory)).toEqual(expected.files);

      const [runbook = ""] = readdirSync(join(infra, "runbooks")).filter((name) => !name.startsWith("."));
      const operator = new PlayedOperator(infra, env);
      await operator.approve(runbook, true);
      onTestFinished(() => endService(directory));
      const walk = operator.type("runbook", "run", runbook);
      await pressEnterUntil(walk, "Every step is done");
      expect(await walk.exited).toMatchObject({ exitCode: 0 });
      await operator.verify(runbook);
      expect(await operator.close(runbook)).toContain("memo archived");

      say(
        call("memo_check", { id: request, items: ["1"] }),
        call("memo_done", { id: request, note: "It is live." }),
      );
      await session(run, shop);
      expect(inbox(shop)).not.toContain(request);
      say(call("state_set", { status: "Shop 1.2.0 is live." }));
      await session(run, office);
      expect(readFileSync(join(office, "STATE.md"), "utf8")).toContain("Shop 1.2.0 is live.");
      const log = await runProcess("git", ["log", "--format=%(trailers:key=Agent,valueonly)"], {
        cwd: infra,
        env,
      });
      expect(log.stdout).toContain("sysadmin@infra");
    }, 240_000);
  },
);

/** Gives the role of a project to the model that is served there. */
function appointModel(root: string, provider: string, url: string): void {
  const file = join(root, "vibeops.yaml");
  const before = readFileSync(file, "utf8");
  const after = before.replace(
    "provider: builtin",
    `provider: ${provider}, model: scripted, base_url: "${url}"`,
  );
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

/** One session of a project's agent. What a model leaves to a person ends with 6. */
async function session(run: Run, root: string): Promise<void> {
  const { exitCode, stdout, stderr } = await run(root, "session", "run");
  expect([0, 6], stdout + stderr).toContain(exitCode);
}

/** Ends the service that the walk left running, as its operator would. */
function endService(directory: string): void {
  const file = join(directory, "hosts/rehearsal/shop/shop.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (Number.isInteger(pid) && pid > 1) process.kill(pid);
}

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runProcess } from "../../src/platform/process.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { BIN, PlayedOperator, pressEnterUntil, sayYesUntil } from "./operator.ts";

/** A demo in a folder whose name has a space, played up to where a person must decide. */
async function playDemo() {
  const directory = temporaryDirectory();
  const home = join(directory, "home");
  mkdirSync(home);
  writeFileSync(join(home, ".gitconfig"), "[user]\n\tname = Pat\n\temail = pat@example.com\n");
  const env = { PATH: process.env.PATH ?? "", HOME: home, GIT_CONFIG_NOSYSTEM: "1" };
  const run = async (cwd: string, ...argv: string[]) => {
    return await runProcess(process.execPath, [BIN, ...argv], { cwd, env });
  };
  const played = await run(directory, "demo", "the demo", "--json");
  expect(played.exitCode, played.stderr + played.stdout).toBe(0);
  const { result } = JSON.parse(played.stdout) as {
    result: { runbook: string; port: number; next: string[] };
  };
  const infra = join(directory, "the demo/infra");
  onTestFinished(() => endService(infra));
  return { ...result, infra, run, directory, operator: new PlayedOperator(infra, env) };
}

/** Ends the service that the walk left running, as its operator would. */
function endService(infra: string): void {
  if (!existsSync(join(infra, "../hosts/rehearsal/shop/shop.pid"))) return;
  const pid = Number(readFileSync(join(infra, "../hosts/rehearsal/shop/shop.pid"), "utf8").split("\n")[0]);
  if (Number.isInteger(pid) && pid > 1) process.kill(pid);
}

async function ask(port: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/healthz" }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

test("the demo ends with the commands to type, and typing them ends with a service that answers and an archived memo", async () => {
  const { runbook, port, next, infra, run, directory, operator } = await playDemo();
  expect(next.join("\n")).toContain(`npx vibeops runbook approve ${runbook.slice(-8)}`);
  expect(readdirSync(join(directory, "the demo/node_modules/.bin"))).toEqual(["vibeops"]);
  expect((await run(infra, "runbook", "lint")).exitCode).toBe(0);
  await operator.approve(runbook, true);
  const walk = operator.type("runbook", "run", runbook);
  await pressEnterUntil(walk, "Every step is done");
  expect(await walk.exited).toMatchObject({ exitCode: 0 });
  expect(await ask(port)).toContain('"version":"1.2.0"');
  await operator.verify(runbook);
  expect(await operator.close(runbook)).toContain("memo archived");
  expect(readdirSync(join(infra, "memos/incoming"))).toEqual([".gitkeep"]);
  expect(readFileSync(join(infra, "runbooks", runbook, "record.md"), "utf8")).toContain("Deploy shop 1.2.0");
  const [shop, office] = [join(infra, "../shop"), join(infra, "../office")];
  expect(readFileSync(join(office, "STATE.md"), "utf8"), "not told before it is so").not.toContain(
    "Done: Deploy",
  );
  const goesOn = async () => (await run(directory, "demo", "the demo")).stdout;
  expect(await goesOn()).toContain("(cd ../shop && npx vibeops session run)");
  expect((await run(shop, "session", "run")).stdout).toContain('done: "Deploy shop 1.2.0 today"');
  expect(await goesOn()).not.toContain("../shop");
  expect(await goesOn()).toContain("(cd ../office && npx vibeops session run)");
  expect((await run(office, "session", "run")).exitCode).toBe(0);
  expect(readFileSync(join(office, "STATE.md"), "utf8")).toContain(
    `Runbook ${runbook} was approved, carried out`,
  );
  const again = await run(directory, "demo", "the demo");
  expect(again).toMatchObject({ exitCode: 0 });
  expect(again.stdout).toContain("Its runbook: closed.");
  expect(again.stdout).toContain("The story is at its end");
  expect(again.stdout).toContain(`curl http://127.0.0.1:${port}/`);
  expect(again.stdout).not.toContain("session run");
}, 180_000);

test("by hand: the person pastes what happened, a changed command is recorded, and a walk that was left goes on", async () => {
  const { runbook, infra, operator } = await playDemo();
  await operator.approve(runbook, true);
  const first = operator.type("runbook", "run", runbook, "--mode", "paste");
  await first.expect("Step 0, the lock: run it on");
  first.type("lock: taken\r.\r");
  await sayYesUntil(first, /by hand now\?[\s\S]*> $/);
  first.type("\u0003");
  expect(await first.exited).toMatchObject({ exitCode: 130 });

  const again = operator.type("runbook", "run", runbook, "--mode", "paste");
  await again.expect(/Step 1 of 3[\s\S]*by hand now\?[\s\S]*> $/);
  again.type("\r");
  await again.expect(/What happened\?[\s\S]*> $/);
  again.type("changed\r");
  await again.expect("What did you run instead?");
  again.type("cp -r elsewhere here\r.\r");
  await again.expect(/Did it work\?[\s\S]*> $/);
  again.type("failed\r");
  await again.expect("Paste its output");
  again.type("cp: no such file\r.\r");
  await again.expect(/What now\?[\s\S]*> $/);
  again.type("stop\r");
  expect(await again.exited).toMatchObject({ exitCode: 6 });
  expect(again.text).not.toContain("Before you start");
  expect(again.text).toContain("Done otherwise than approved: step 1");
  const [record = ""] = readdirSync(join(infra, "runbooks", runbook, "records"));
  const lines = readFileSync(join(infra, "runbooks", runbook, "records", record), "utf8");
  expect(lines).toContain("cp -r elsewhere here");
  expect(lines).toContain('"reported":"human"');
}, 180_000);

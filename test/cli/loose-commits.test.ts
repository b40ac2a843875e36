import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runIn } from "../helpers/cli.ts";
import { shopAndInfra } from "../helpers/workspace.ts";

const STATE = ["state", "set", "--status", "Steady."] as const;

describe("what is committed while no branch is checked out", () => {
  test.each([
    [STATE],
    [["memo", "new", "Look", "--to", "infra", "--body", "Words."]],
    [["session", "end", "--note", "All is well."]],
  ] as const)("is named with what keeps it: %j", async (argv) => {
    const { shop } = shopAndInfra();
    await shop.vibeops(...STATE);
    shop.git("switch", "--quiet", "--detach");
    const { exit, stderr } = await shop.vibeops(
      ...argv.map((word) => word.replace("Steady", "Still steady")),
    );
    expect(exit).toBe(0);
    const id = shop.git("rev-parse", "HEAD").trim().slice(0, 12);
    expect(stderr).toBe(
      `warning: no branch is checked out: commit ${id} is lost with the next checkout; keep it: git branch NAME ${id}\n`,
    );
  });

  test("is named where a memo is ended", async () => {
    const { shop, infra } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "Words.");
    await infra.vibeops("session", "start");
    infra.git("switch", "--quiet", "--detach");
    const { exit, stderr } = await infra.vibeops("memo", "done", "look", "--note", "Seen.");
    expect(exit).toBe(0);
    expect(stderr).toContain(`git branch NAME ${infra.git("rev-parse", "HEAD").slice(0, 12)}`);
  });

  test("stands beside the result under --json, and standard error stays empty", async () => {
    const { shop } = shopAndInfra();
    shop.git("switch", "--quiet", "--detach");
    const { stdout, stderr } = await shop.vibeops(...STATE, "--json");
    const commit = shop.git("rev-parse", "HEAD").trim();
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, warnings: [{ code: "git.detached", commit }] });
    expect(stderr).toBe("");
  });

  test("in a rebase is said to go with it", async () => {
    const { shop } = shopAndInfra();
    const change = (text: string) => {
      shop.write("notes.txt", text);
      shop.git("add", ".");
      shop.git("commit", "--quiet", "-m", text);
    };
    change("start");
    shop.git("switch", "--quiet", "-c", "feature");
    change("feature");
    shop.git("switch", "--quiet", "main");
    change("main");
    expect(() => shop.git("rebase", "--quiet", "feature")).toThrow();
    const { stderr } = await shop.vibeops(...STATE);
    expect(stderr).toMatch(
      /^warning: a rebase goes on: commit [0-9a-f]{12} is lost if it is given up; keep it:/,
    );
  });

  test("and nothing is said of it on a branch, also where another work tree has none", async () => {
    const { shop, context } = shopAndInfra();
    expect(await shop.vibeops(...STATE)).toMatchObject({ exit: 0, stderr: "" });
    shop.git("worktree", "add", "--quiet", "-b", "other", "../other");
    shop.git("switch", "--quiet", "--detach");
    const other = await runIn(join(shop.root, "../other"), context, ["state", "set", "--next", "Rest."]);
    expect(other).toMatchObject({ exit: 0, stderr: "" });
  });
});

import { describe, expect, test } from "vitest";
import { shopAndInfra } from "../helpers/workspace.ts";

const SECRET = "The password is in the vault.\nPGPASSWORD=Tr0ub4dor-and-3-horses";

describe("what looks like a secret", () => {
  test.each([
    ["state set", "--status", SECRET, "'Current status'"],
    ["state set", "--progress", SECRET, "'Recent progress'"],
    ["session end", "--note", SECRET, "'Handover notes'"],
  ])("is refused by %s %s, as by memo new, and nothing is written", async (command, option, text, place) => {
    const { shop } = shopAndInfra();
    const head = shop.git("rev-parse", "HEAD");
    const { exit, stdout } = await shop.vibeops(...command.split(" "), option, text, "--json");
    expect(exit).toBe(5);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({
      code: "state.secret",
      line: 2,
      message: expect.stringContaining(`line 2 of what is to stand under ${place} looks like a secret`),
      fix: expect.stringContaining("rotate it"),
    });
    expect(stdout).not.toContain("Tr0ub4dor");
    expect(shop.git("status", "--porcelain")).toBe("");
    expect(shop.git("rev-parse", "HEAD")).toBe(head);
  });

  test.each(["--note", "--unfinished"])("is refused by memo done %s of a memo of our own", async (option) => {
    const { shop } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "shop", "--body", "Words.");
    const { exit, stderr } = await shop.vibeops("memo", "done", "look", option, SECRET);
    expect({ exit, stderr }).toMatchObject({ exit: 5, stderr: expect.stringContaining("nothing was ended") });
    expect(shop.list("memos/incoming")).toHaveLength(1);
  });
});

test("commands that write STATE.md at the same time leave in the folder what they committed", async () => {
  const { shop } = shopAndInfra();
  shop.write("STATE.md", "## Recent progress\n\n- 2026-11-19 Began\n");
  shop.git("add", ".");
  shop.git("commit", "--quiet", "--message", "State");
  await shop.vibeops("memo", "new", "Look", "--to", "shop", "--body", "Words.");
  const commands = [
    ...["one", "two", "three", "four", "five"].map((words) => ["state", "set", "--progress", words]),
    ["session", "end", "--note", "All is said."],
    ["memo", "done", "look"],
  ];
  const ended = await Promise.all(commands.map((argv) => shop.vibeops(...argv)));
  expect(ended.map(({ exit }) => exit)).toEqual(commands.map(() => 0));
  expect(shop.git("status", "--porcelain", "--", "STATE.md")).toBe("");
  expect(shop.read("STATE.md").match(/^- /gm)).toHaveLength(7);
});

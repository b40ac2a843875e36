import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toolsFor } from "../../../src/agent/tools/all-tools.ts";
import { callTool } from "../../../src/agent/tools/call-tool.ts";
import { loadProject } from "../../../src/project/project.ts";
import { workspace } from "../../helpers/workspace.ts";

function session(commands = "{}") {
  const { project, context } = workspace();
  const made = project(
    "shop",
    `project: shop\nagents: { developer: { provider: builtin } }\ncommands: ${commands}\n`,
  );
  const loaded = loadProject(made.root);
  const agent = { address: "developer@shop", tool: "test", model: null };
  const caller = { project: loaded, context, agent, role: "developer", writes: ["./"], boundary: "b0undary" };
  return { made, call: (name: string, input: unknown) => callTool(toolsFor(loaded), name, input, caller) };
}

test.each([
  ["list_files", { folder: "src" }, "there is no folder src"],
  ["list_files", { folder: "plain.txt" }, "there is no folder plain.txt"],
  ["list_files", { folder: "a\0b" }, "not a path below the project"],
  ["list_files", { folder: "loop/x" }, "links lead in a circle"],
  ["read_file", { path: "loop" }, "links lead in a circle"],
  ["read_file", { path: "broken" }, "a link in it leads to nothing"],
  ["read_file", { path: "plain.txt/x" }, "a file stands where a folder would have to be"],
  ["read_file", { path: "x".repeat(5000) }, "the name is too long"],
  [
    "write_file",
    { path: "plain.txt/x", text: "a", why: "b" },
    "a file stands where a folder would have to be",
  ],
  [
    "write_file",
    { path: "two\nlines", text: "a", why: "b" },
    "two⟨U+000A⟩lines is not a path below the project",
  ],
  ["write_file", { path: "folder/", text: "a", why: "b" }, "names a folder"],
  ["git_diff", { commit: "abcd1234" }, "bad revision"],
  ["state_set", {}, "say at least one"],
  ["state_set", { status: "PGPASSWORD=Tr0ub4dor-and-3-horses" }, "looks like a secret"],
  ["ask_human", { question: "Is PGPASSWORD=Tr0ub4dor-and-3-horses right?" }, "looks like a secret"],
  ["no_such_tool", {}, "there is no tool no_such_tool"],
  ["read_file", { path: 3 }, "the arguments do not fit"],
])("what a model gets wrong with %s %j is an answer, and ends no session", async (name, input, says) => {
  const { made, call } = session();
  symlinkSync("loop", join(made.root, "loop"));
  symlinkSync("nothing", join(made.root, "broken"));
  writeFileSync(join(made.root, "plain.txt"), "hi\n");
  const { text, isError } = await call(name, input);
  expect(text).toContain(says);
  expect(isError).toBe(true);
});

test("names with dots at their beginning, and brackets, are names like others", async () => {
  const { made, call } = session();
  writeFileSync(join(made.root, "..plain"), "hi\n");
  writeFileSync(join(made.root, "a[1].txt"), "one\n");
  writeFileSync(join(made.root, "a1.txt"), "another\n");
  made.git("add", ".");
  made.git("commit", "--quiet", "-m", "Names");
  expect((await call("read_file", { path: "..plain" })).text).toContain("hi");
  const { text } = await call("git_diff", {
    commit: made.git("rev-parse", "HEAD").trim().slice(0, 12),
    path: "a[1].txt",
  });
  expect(text).toContain("+one");
  expect(text).not.toContain("+another");
});

test("an object that is no commit is not shown: it may lie outside of the project", async () => {
  const { made, call } = session();
  const blob = made.git("rev-parse", "HEAD:vibeops.yaml").trim();
  expect(await call("git_diff", { commit: blob })).toMatchObject({ isError: true });
});

test("a command that prints without end on one line is shown by its end, and soon", async () => {
  const { call } = session(`{ long: "head -c 40000000 /dev/zero | tr '\\\\0' a; echo; echo the end" }`);
  const { text, isError } = await call("run_command", { name: "long" });
  expect(isError).toBe(false);
  expect(text).toContain("the end");
  expect(text.length).toBeLessThan(31_000);
});

test("what somebody has not committed is kept when a tool writes over it, and the answer says where", async () => {
  const { made, call } = session();
  const write = (text: string) => call("write_file", { path: "notes/plan.md", text, why: "Plan" });
  mkdirSync(join(made.root, "notes"));
  expect((await write("first\n")).text).toBe("wrote notes/plan.md");
  expect((await write("second\n")).text).toBe("replaced notes/plan.md");
  writeFileSync(join(made.root, "notes/plan.md"), "a person's words\n");
  const { text } = await write("third\n");
  const [, blob = ""] = /git show ([0-9a-f]{40})/.exec(text) ?? [];
  expect(made.git("show", blob)).toBe("a person's words\n");
  expect(made.read("notes/plan.md")).toBe("third\n");
  writeFileSync(join(made.root, "new.md"), "never committed\n");
  const replaced = await call("write_file", { path: "new.md", text: "x\n", why: "New" });
  expect(made.git("show", /git show ([0-9a-f]{40})/.exec(replaced.text)?.[1] ?? "")).toBe(
    "never committed\n",
  );
});

test("the words that a model gives for a commit hold nothing that a terminal obeys", async () => {
  const { made, call } = session();
  await call("write_file", { path: "plan.md", text: "x\n", why: "Plan \u001b]0;x\u0007 \u202eit" });
  expect(made.git("log", "-1", "--format=%s").trim()).toBe("Plan ⟨U+001B⟩]0;x⟨U+0007⟩ ⟨U+202E⟩it");
});

test("what git is told to ignore is written and gets into no commit", async () => {
  const { made, call } = session();
  writeFileSync(join(made.root, ".gitignore"), "/.vibeops/\n/out/\n");
  const { text } = await call("write_file", { path: "out/x.txt", text: "x\n", why: "Out" });
  expect(text).toContain("git ignores it");
  expect(made.read("out/x.txt")).toBe("x\n");
  expect(made.git("ls-files", "out")).toBe("");
});

describe("what is too much for one answer is left out, and the answer says so", () => {
  test("files of a full folder", async () => {
    const { made, call } = session();
    for (let i = 0; i < 1100; i += 1) writeFileSync(join(made.root, `f${i}`), "");
    const { text } = await call("list_files", {});
    expect(text).toMatch(/\n\d+ more were left out: list a folder further in, or less deep$/);
  });

  test("long lines of a file", async () => {
    const { made, call } = session();
    writeFileSync(join(made.root, "bundle.js"), `first\n${"x".repeat(300_000)}\nlast\n`);
    const first = await call("read_file", { path: "bundle.js" });
    expect(first.text.length).toBeLessThan(1000);
    expect(first.text).toMatch(/\n3 more lines: read on from line 2$/);
    const second = await call("read_file", { path: "bundle.js", from: 2 });
    expect(second.text.length).toBeLessThan(110_000);
    expect(second.text).toMatch(
      /\nline 2 was cut: it has 300000 characters\n2 more lines: read on from line 3$/,
    );
    expect((await call("read_file", { path: "bundle.js", from: 3 })).text).toContain("last");
  });

  test("the beginning of what a command prints", async () => {
    const { call } = session("{ noisy: 'seq 1 20000', quiet: echo hi }");
    const { text } = await call("run_command", { name: "noisy" });
    expect(text).toContain("20000");
    expect(text).toMatch(/\nthe beginning of the output was left out$/);
    expect((await call("run_command", { name: "quiet" })).text).not.toContain("left out");
  });
});

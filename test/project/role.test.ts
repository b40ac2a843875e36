import { expect, test } from "vitest";
import { readRole } from "../../src/project/role.ts";
import { workspace } from "../helpers/workspace.ts";

function roleOf(text: string) {
  const { project, context } = workspace();
  const made = project("shop", "project: shop\nagents: { odd: { provider: builtin } }\n");
  made.write("templates/roles/odd.md", text);
  return readRole(context, { root: made.root, name: "shop" }, "odd");
}

test.each([
  ["a line of dashes further down is a rule of the text", "# Odd\n\n---\n\nmore: words\n\n---\nlast\n", []],
  ["the text may hold one behind the front matter", "---\nwrites: [src/]\n---\nA\n\n---\n\nB\n", ["src/"]],
  ["the front matter may be all", "---\nwrites: [src/]\n---", ["src/"]],
  ["and be empty", "---\n---\nA\n", []],
  ["and be written on Windows", "\uFEFF---\r\nwrites: [src/]\r\n---\r\nA\r\n", ["src/"]],
])("a role: %s", (_, text, writes) => {
  const role = roleOf(text);
  expect(role.writes).toEqual(writes);
  const isWhole = writes.length === 0 && !text.startsWith("---");
  if (isWhole) expect(role.text).toBe(text.trim());
  else expect(role.text).not.toContain("writes");
});

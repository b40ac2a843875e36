import { describe, expect, it } from "vitest";
import { lintMemo } from "../../src/memo/lint.ts";
import { parseMemo } from "../../src/memo/memo.ts";

function lint(body: string, type = "request") {
  const text = `---\nid: 20261120T101500Z-a1b2c3d4\nfrom: api\nto: ops\nsubject: x\ntype: ${type}\n---\n${body}`;
  const memo = parseMemo(Buffer.from(text), { now: new Date("2026-11-21T00:00:00Z") });
  return lintMemo(memo, "m.md");
}

describe("lintMemo", () => {
  it("finds nothing in an ordinary memo", () => {
    expect(lint("## Action items\n\n- [ ] Do it\n- [x] Did it\n\n```sh\necho ok\n```\n")).toEqual([]);
  });

  it("names a secret without showing it", () => {
    const [finding] = lint("PASSWORD=hunter2hunter2\n");
    expect(finding).toMatchObject({ rule: "memo.secret", level: "error", file: "m.md", line: 8 });
    expect(JSON.stringify(finding)).not.toContain("hunter2");
  });

  it("warns of open boxes that no checklist counts", () => {
    expect(lint("## Notes\n\n- [ ] forgotten\n- [x] done\n")).toMatchObject([
      { rule: "memo.stray-box", level: "warning", line: 10 },
    ]);
  });

  it("warns of what hides or misleads, in the order of the lines", () => {
    const body = `[https://a.example](https://b.example)\n<!-- x -->\nok${" ".repeat(100)}x\n`;
    expect(lint(body).map(({ rule, line }) => [rule, line])).toEqual([
      ["memo.link-mismatch", 8],
      ["memo.hidden-html", 9],
      ["memo.padding", 10],
    ]);
  });

  it("warns of look-alikes in commands, and not in prose", () => {
    expect(lint("Привет, origіn\n\n```sh\ngit push оrigin\n```\n")).toMatchObject([
      { rule: "memo.confusable", line: 11 },
    ]);
  });

  it("wants a deployment block where the type says so", () => {
    expect(lint("## Context\n", "deployment")).toMatchObject([
      { rule: "deployment.missing", level: "error" },
    ]);
    expect(
      lint("## Deployment\n\n```yaml\nservce: a\nversion: 1\nport: 1\n```\n", "deployment"),
    ).toMatchObject([
      { rule: "deployment.invalid", line: 11, message: "unknown key servce; did you mean service?" },
      { rule: "deployment.invalid", line: 13, message: "unknown key port; did you mean ports?" },
    ]);
    expect(lint("## Deployment\n\n```yaml\nservice: a\nversion: 1\n```\n", "deployment")).toEqual([]);
  });
});

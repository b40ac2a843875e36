import { expect, test } from "vitest";
import { evaluateRule } from "../../src/policy/rule.ts";

const facts = {
  ...{ id: "x", title: `${"a".repeat(40)}!`, author: "ada@example.com", tier: "live", tiers: ["live"] },
  ...{ hosts: ["web1"], host_tiers: ["live"], actions: [], raw: false },
};

test.each(["title.matches('(a+)+$')", "title . matches // aside\n ('(a|a)*b')"])(
  "a rule whose pattern would keep the gate waiting is refused before it runs: %s",
  (rule) => {
    expect(() => evaluateRule(rule, "bool", facts, "approval.four_eyes")).toThrowError(
      expect.objectContaining({ code: "policy.rule" }),
    );
  },
);

const HUNDRED = `[${Array.from({ length: 100 }, (_, i) => i).join(",")}]`;

test.each([
  `[${HUNDRED}].all(l, l.all(a, l.all(b, l.all(c, l.all(d, l.all(e, a + b + c + d + e >= 0))))))`,
  `[${HUNDRED}] . all // aside\n (l, l.exists(a, l.map(b, l.filter(c, true)) == []))`,
])("a rule whose loops would keep the gate waiting is refused before it runs", (rule) => {
  expect(() => evaluateRule(rule, "bool", facts, "approval.four_eyes")).toThrowError(
    expect.objectContaining({ code: "policy.rule" }),
  );
});

test("a rule goes over a list, and over another one for each item", () => {
  const rule = "hosts.exists(h, tiers.exists(t, h == 'web1' && t == 'live'))";
  expect(evaluateRule(rule, "bool", facts, "approval.four_eyes")).toBe(true);
});

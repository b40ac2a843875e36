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

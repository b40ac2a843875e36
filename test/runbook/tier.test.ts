import { expect, test } from "vitest";
import { classifyCommand } from "../../src/guard/classify.ts";
import { inventorySchema } from "../../src/project/inventory.ts";
import { commandTier } from "../../src/runbook/tier.ts";

const { hosts } = inventorySchema.parse({
  hosts: {
    here: { transport: "local", tier: "local" },
    lab: { tier: "staging" },
    web1: { tier: "live" },
    mislabelled: { tier: "local" },
  },
});

const raw = (kind: "run" | "check" | "rollback", script: string, host: string) =>
  commandTier(kind, null, classifyCommand(script, { hosts: [] }).answer, hosts[host]);

test.each([
  ["here", "check", "df -h", "local"],
  ["lab", "check", "df -h", "staging"],
  ["web1", "check", "df -h", "live"],
  ["mislabelled", "check", "df -h", "staging"],
  ["unknown", "check", "df -h", "live"],
  ["here", "run", "echo ready", "staging"],
  ["lab", "run", "echo ready", "live"],
  ["here", "rollback", "echo ready", "staging"],
] as const)(
  "a raw command that stays on its machine: on %s a %s of `%s` is %s",
  (host, kind, script, tier) => {
    expect(raw(kind, script, host)).toBe(tier);
  },
);

test.each([
  "df -h; systemctl stop shop",
  "df -h && ssh web1 reboot",
  "df -h $(ssh web1 reboot)",
  "df -h `ssh web1 reboot`",
  "df -h > /etc/passwd",
  "df -h\nssh web1 reboot",
  "sh <<'END'\nssh web1 reboot\nEND",
  "d\u0435f -h",
  "find / -delete",
  "ssh -o ProxyCommand='sh -c reboot' web1",
  "helm template . --post-renderer ./send.sh",
  "df -h '",
])("a check that is more than it looks is live even on a rehearsal's host: %j", (script) => {
  expect(raw("check", script, "here")).toBe("live");
});

test("what an action vouches for needs no judgement", () => {
  expect(commandTier("run", "read", null, hosts.web1)).toBe("read");
  expect(commandTier("run", "host", null, hosts.lab)).toBe("staging");
  expect(commandTier("run", "destructive", null, hosts.here)).toBe("destructive");
});

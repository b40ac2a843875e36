import type { ComposeRule } from "../rule.ts";

const DANGEROUS = new Set([
  "ALL",
  "SYS_ADMIN",
  "SYS_MODULE",
  "SYS_PTRACE",
  "SYS_RAWIO",
  "SYS_BOOT",
  "DAC_READ_SEARCH",
  "BPF",
  "MAC_ADMIN",
  "MAC_OVERRIDE",
]);

export const dangerousCapability: ComposeRule = {
  id: "compose.dangerous-capability",
  level: "error",
  summary: "no container gets a capability that leads out of it",
  why: "With these a process can leave the container, load kernel modules or read every file of the host.",
  *check({ services }) {
    for (const service of services)
      for (const item of service.items("cap_add"))
        if (DANGEROUS.has(item.known.toUpperCase().replace(/^CAP_/, "")))
          yield {
            spot: item,
            message: `'${service.name}' gets ${item.known}, which leads out of the container`,
            fix: "delete it, or name the narrower capability that it needs",
          };
  },
};

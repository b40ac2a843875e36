import type { ComposeRule } from "../rule.ts";

export const quotedPorts: ComposeRule = {
  id: "compose.quoted-ports",
  level: "warning",
  style: true,
  summary: "ports stand in quotes",
  why: "A reader of YAML 1.1 takes 22:22 for a number with the base 60.",
  *check({ services }) {
    for (const service of services)
      for (const item of service.items("ports"))
        if (item.shape === "scalar" && !item.isQuoted && item.text.includes(":"))
          yield {
            spot: item,
            message: "a port without quotes",
            fix: `write "${item.text.length < 60 ? item.text : "…"}"`,
          };
  },
};

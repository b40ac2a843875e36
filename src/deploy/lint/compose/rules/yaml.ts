import type { ComposeRule } from "../rule.ts";

export const yaml: ComposeRule = {
  id: "compose.yaml",
  level: "error",
  summary: "a Compose file is readable YAML",
  why: "Compose refuses it, or reads something else than was meant. Files past the limits of size and depth are not read at all.",
  check: ({ syntax }) => syntax,
};

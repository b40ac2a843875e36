import type { ComposeRule } from "../rule.ts";

export const reference: ComposeRule = {
  id: "compose.reference",
  level: "error",
  summary: "what `extends` and `include` name is there, and leads in no circle",
  why: "Compose stops at it. Files outside of the tree are not read here, since a review does not show them.",
  check: ({ references }) => references,
};

import type { ComposeRule } from "../rule.ts";

export const versionKey: ComposeRule = {
  id: "compose.version-key",
  level: "warning",
  summary: "no `version:` key",
  why: "Compose ignores it and warns at each start; it promises a format that nobody reads.",
  *check({ documents }) {
    for (const layer of documents)
      for (const entry of layer.entries().filter(({ key }) => key === "version"))
        yield { spot: entry, message: "the key `version` means nothing any more", fix: "delete the line" };
  },
};

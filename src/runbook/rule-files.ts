import { PROJECT_FILE } from "../project/discovery.ts";

export const POLICY_FILE = "policy.yaml";

/** The files that decide tiers and who may do what, as they were read; null where there is none. */
export type Rules = Readonly<Record<"policy" | "inventory" | "project", Buffer | null>>;

/** What the rules are called on disk, in the order in which people read them. */
export const RULE_FILES: Readonly<Record<keyof Rules, string>> = {
  policy: POLICY_FILE,
  inventory: "inventory.yaml",
  project: PROJECT_FILE,
};

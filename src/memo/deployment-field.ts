import type { DeploymentBlock } from "./deployment-block.ts";
import { deploymentSchema } from "./deployment-schema.ts";

/** Whether a value may stand in a deployment block under this key. */
export function fitsBlock(field: keyof DeploymentBlock, value: unknown): boolean {
  return deploymentSchema.safeParse({ service: "any", version: "1", [field]: value }).success;
}

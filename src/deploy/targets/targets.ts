import type { InventoryHost } from "../../project/inventory.ts";
import { composeTarget } from "./compose.ts";
import { processTarget } from "./process.ts";
import type { Target } from "./target.ts";

/** By the host's `runtime` in the inventory. */
const TARGETS: Readonly<Record<InventoryHost["runtime"], Target>> = {
  compose: composeTarget,
  process: processTarget,
};

export function targetOf(host: InventoryHost): Target {
  return TARGETS[host.runtime];
}

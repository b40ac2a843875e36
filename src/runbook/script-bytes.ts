import { quoteAssignments } from "../platform/quote.ts";
import type { InventoryHost } from "../project/inventory.ts";
import { type LocalPlaces, placesNamedIn } from "./staged-files.ts";

/** The bytes that a host is given: variables as quoted assignments, then the command as it was approved. */
export function scriptBytes(
  script: string,
  variables: Readonly<Record<string, string>>,
  host: Pick<InventoryHost, "transport">,
  places: LocalPlaces,
): Buffer {
  const own = host.transport === "local" ? placesNamedIn(script, places) : {};
  return Buffer.from(`${quoteAssignments({ ...variables, ...own })}${script}\n`);
}

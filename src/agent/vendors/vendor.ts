/** The agent CLIs that vibeops starts and fences, as they are named on the command line and in vibeops.yaml. */
export const vendors = ["claude", "codex", "gemini"] as const;

export type Vendor = (typeof vendors)[number];

export function isVendor(text: string): text is Vendor {
  return vendors.some((vendor) => vendor === text);
}

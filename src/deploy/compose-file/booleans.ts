import type { Located } from "../located/located.ts";

/** Whether Compose takes a value for true: it reads `yes`, `on` and `y` as YAML 1.1 had them. */
export function isTrue(node: Located | undefined): boolean {
  return node?.kind === "scalar" && isTrueText(node.text);
}

export function isTrueText(text: string): boolean {
  return /^(?:true|yes|on|y)$/i.test(text.trim());
}

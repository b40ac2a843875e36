import { redactSecrets } from "../text/secrets.ts";
import { boundText } from "./bounded-text.ts";

const RECORDED = 64 * 1024;

/** What a command printed, or a person typed, as it may stand in a record: without secrets, and not too much of it. */
export function recordedText(text: string): string {
  return boundText(redactSecrets(text), RECORDED);
}

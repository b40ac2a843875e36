import { Exit, VibeopsError } from "../errors.ts";

/** What is said when trust cannot be built on something: exit 5. `line` where one is to blame. */
export function trustRefusal(
  reason: string,
  file: string,
  message: string,
  fix: string,
  line?: number,
): VibeopsError {
  return new VibeopsError({ code: `trust.${reason}`, exit: Exit.refused, message, file, line, fix });
}

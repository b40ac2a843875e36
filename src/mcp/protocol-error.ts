import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { Exit, type ExitCode, VibeopsError } from "../errors.ts";

/** What the client asked for wrongly, as opposed to what went wrong here. */
const ASKED: ReadonlySet<ExitCode> = new Set([Exit.usage, Exit.notFound]);

/** Answers a request; where that fails for a reason of ours, the client is told whose fault it is and how to mend it. */
export async function answerRequest<T>(answer: () => T | Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    const code = ASKED.has(error.exit) ? ErrorCode.InvalidParams : ErrorCode.InternalError;
    throw new McpError(code, describe(error));
  }
}

function describe({ message, file, line, fix }: VibeopsError): string {
  const place = file === undefined ? "" : ` (${file}${line === undefined ? "" : `:${line}`})`;
  return `${message}${place}${fix === undefined ? "" : `; ${fix}`}`;
}

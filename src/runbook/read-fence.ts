import type { Fence } from "../text/blocks.ts";
import { readActionCall } from "./action-call.ts";
import { FenceInfoError, parseFenceInfo, requireActionInfo } from "./fence-info.ts";
import type { ActionCall, CommandFence } from "./runbook.ts";
import { type Document, refuse } from "./runbook-document.ts";

/** @throws VibeopsError `runbook.fence|action` */
export function readAction(document: Document, fence: Fence): ActionCall {
  refuseUnlessWhole(document, fence, "action");
  readInfo(document, fence, requireActionInfo);
  return readActionCall(fence, document.file);
}

/** Raw, as long as nobody says which action it comes from. @throws VibeopsError `runbook.fence` */
export function readCommand(document: Document, fence: Fence): CommandFence {
  refuseUnlessWhole(document, fence, "command");
  const info = readInfo(document, fence, parseFenceInfo);
  const script = fence.content;
  return { ...info, script, raw: true, line: fence.line, start: fence.start, end: fence.end };
}

function readInfo<T>(document: Document, fence: Fence, read: (info: string) => T): T {
  try {
    return read(fence.info);
  } catch (error) {
    if (!(error instanceof FenceInfoError)) throw error;
    throw refuse(document, "fence", fence.line, error.message, error.fix);
  }
}

/** What a person takes for the command must be the command: all of it, at the left margin, and something. */
function refuseUnlessWhole(document: Document, fence: Fence, what: "command" | "action"): void {
  if (!fence.closed) {
    throw refuse(
      document,
      "fence",
      fence.line,
      "this fence is never closed",
      "add a line with the closing ```",
    );
  }
  if (!fence.topLevel) {
    throw refuse(
      document,
      "fence",
      fence.line,
      `this ${what} stands inside a list or a quote`,
      "put it at the margin",
    );
  }
  // An indented fence loses its indentation: what runs would not be the text that is shown.
  if (
    fence.contentEnd > fence.contentStart &&
    document.text.slice(fence.contentStart, fence.contentEnd) !== `${fence.content}\n`
  ) {
    throw refuse(document, "fence", fence.line, `this ${what} is indented`, "put the fence at the margin");
  }
  if (fence.content.trim() === "") {
    throw refuse(
      document,
      "fence",
      fence.line,
      `the ${what} is empty`,
      `write the ${what}, or delete the fence`,
    );
  }
}

import { Exit, VibeopsError } from "../errors.ts";
import { commitFiles } from "../platform/git-commit.ts";
import { redactSecrets } from "../text/secrets.ts";
import type { Gate } from "./gate.ts";
import type { RecordWriter } from "./record.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";

/** Where the record itself failed, or is not ours any more, nothing can be written to it. */
function isRecordLost(error: VibeopsError): boolean {
  return error.code === "record.unwritable" || error.code === "record.changed";
}

/** Why a person left what can be taken up again; null where it was not left but refused. */
export function reasonToStop(error: VibeopsError): string | null {
  if (error.code === "walk.stopped") return "stopped";
  return error.exit === Exit.interrupted ? "interrupted" : null;
}

/** What ended a walk or a verification is written down too. False where nothing can be: the record itself is what failed. */
export function noteEnd(gate: Gate, writer: RecordWriter, error: unknown): error is VibeopsError {
  if (!(error instanceof VibeopsError) || isRecordLost(error)) return false;
  const now = gate.context.now();
  const reason = reasonToStop(error);
  if (reason !== null) writer.append({ event: "stopped", reason }, now);
  else writer.append({ event: "refused", code: error.code, message: redactSecrets(error.message) }, now);
  return true;
}

/** Puts a record into the history as it stands; null where it is there already. */
export async function commitRecord(
  gate: Gate,
  { runbook }: LoadedRunbook,
  file: string,
  verb: "Walk" | "Verify",
  what: string,
): Promise<string | null> {
  const message = `${verb} runbook ${runbook.id}: ${what}\n\n${runbook.title}`;
  return await commitFiles(gate.git, [file], message, gate.context);
}

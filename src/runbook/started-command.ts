import { sha256 } from "../platform/hash.ts";
import type { AssessedCommand } from "./assess-runbook.ts";
import { hashCommand, hostOf } from "./current-content.ts";
import { bytesOf, type Execution } from "./execute.ts";
import type { RecordEvent } from "./record-event.ts";

/** What a `started` line says of a command: what was approved, and how it gets to its host. */
export function startedCommand(
  execution: Execution,
  { command }: AssessedCommand,
  otherwise = false,
): Pick<Extract<RecordEvent, { event: "started" }>, "host" | "by" | "command" | "bytes"> {
  const transport = hostOf(execution.source.current.inventory, command.host)?.transport ?? "ssh";
  return {
    host: command.host,
    by: otherwise || execution.mode === "paste" ? "hand" : transport,
    command: hashCommand(command),
    bytes: sha256(bytesOf(execution, command)),
  };
}

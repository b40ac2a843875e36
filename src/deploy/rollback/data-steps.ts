import { stringify } from "yaml";
import { quoteCommand } from "../../platform/quote.ts";
import { render } from "../catalogue.ts";
import { codeSpan } from "../markdown-text.ts";
import { everywhere } from "../plan-words.ts";
import { targetKindOf } from "../target-kind.ts";
import { type RecordedBackup, restoreParameters, saveParameters } from "./find-backups.ts";
import type { RollbackInput } from "./rollback.ts";

/**
 * Steps that stop the service, keep its data as it is now, and put back what the record names. Empty where that is
 * nothing.
 *
 * @param backups of this host
 */
export function writeDataSteps(
  { block, place, find }: Pick<RollbackInput, "block" | "place" | "find">,
  runbook: string,
  backups: readonly RecordedBackup[],
): string {
  if (backups.length === 0) return "";
  const kind = targetKindOf({ block, place });
  // A dump goes back through the database's own programs, so the database keeps running.
  const isDump = backups.some((backup) => backup.with.kind !== "restic");
  const compose = ["docker", "compose", "--project-directory", place.directory];
  const services = isDump ? [block.service] : [];
  return render(find, "deploy/rollback/data.md", {
    service: block.service,
    host: place.hostName,
    compose: kind === "compose",
    process: kind === "process",
    stop: quoteCommand([...compose, "stop", ...services]),
    start: quoteCommand([...compose, "start", ...services]),
    running: quoteCommand([...compose, "ps", "--services", "--filter", "status=running"]),
    "service.sh": quoteCommand([block.service]),
    ...everywhere("directory", place.directory),
    backups: backups.map((backup) => ({
      what: codeSpan(describeBackup(backup)),
      maker: backup.runbook,
      step: String(backup.step),
      time: backup.time,
      save: indented(saveParameters(backup, runbook)),
      restore: indented(restoreParameters(backup)),
    })),
  });
}

/** What it is a backup of, in the words of its own parameters. */
export function describeBackup({ with: made }: RecordedBackup): string {
  return made.kind === "restic" && Array.isArray(made.paths)
    ? made.paths.map(String).join(", ")
    : `the database ${String(made.database)}`;
}

/** Parameters as YAML under `with:`. */
function indented(parameters: Readonly<Record<string, unknown>>): string {
  const text = stringify(parameters, {
    lineWidth: 0,
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
  });
  return text.trimEnd().replace(/^/gm, "  ");
}

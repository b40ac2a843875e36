import { makeVisible } from "../../text/visible.ts";
import { formatScannedBlock } from "./format-block.ts";
import type { Scan } from "./scan.ts";

/** Values for the template `memo/deployment-from-repository.md`; what must be added stands in the block as a comment. */
export function drawScannedMemo(scan: Scan, context: string) {
  const missing = (["service", "version"] as const).filter((field) => scan.block[field] === undefined);
  const hints = missing.map(
    (field) => `# ${field}: not known from the files; without it nobody can read this block`,
  );
  return {
    context,
    block: [...hints, formatScannedBlock(scan.block).trimEnd()].join("\n"),
    evidence: scan.evidence.map(({ field, value, source }) => ({
      line: makeVisible(`${field}: ${value} (${source})`, { newlines: false }),
    })),
  };
}

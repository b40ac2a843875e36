import { resolve } from "node:path";
import { formatScannedBlock } from "../../deploy/scan/format-block.ts";
import type { Evidence, Scan } from "../../deploy/scan/scan.ts";
import { scanRepository } from "../../deploy/scan/scan-repository.ts";
import { Exit } from "../../errors.ts";
import { quoteCommand } from "../../platform/quote.ts";
import { makeVisible } from "../../text/visible.ts";
import { listOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { renderFindings } from "../render-findings.ts";
import { styleFor } from "../style.ts";

/** Exit 4 where a file could not be used: what it would have said is missing in the block. */
export async function runScan(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const directory = resolve(io.cwd, args[0] ?? ".");
  const wanted = { service: textOption(options, "service"), compose: listOption(options, "compose") };
  const scan = await scanRepository(directory, wanted, io.context);
  const failed = scan.findings.some((finding) => finding.level === "error");
  const again = ["scan", ...args.slice(0, 1), ...wanted.compose.flatMap((file) => ["--compose", file])];
  return outcome(scan, renderScan(io, scan, again), failed ? Exit.invalid : Exit.ok);
}

/** @param again the words of this scan, for a command that says more */
function renderScan(io: Io, scan: Scan, again: readonly string[]): string {
  const { bold } = styleFor(io);
  const conflicts = scan.conflicts.map(({ field, said }) => {
    const values = said.map(({ value, source }) => `${value} (${source})`);
    return makeVisible(`  ${field}: ${values.join(" · ")}`, { newlines: false });
  });
  const [service] = scan.services;
  if (service !== undefined) {
    const command = quoteCommand([...again, "--service", service].map((word) => makeVisible(word)));
    conflicts.push(typeable(io, `  choose one: vibeops ${command}`));
  }
  const unknown = scan.unknown.map(({ field, why }) => `  ${field}: ${why}`);
  const block = makeVisible(formatScannedBlock(scan.block).trimEnd());
  const sections: [string, string[]][] = [
    ["What the files say", scan.evidence.map(evidenceLine)],
    ["Found too", scan.remarks.map(evidenceLine)],
    ["Said differently, and left open", conflicts],
    ["Not known", unknown],
  ];
  const lines = sections.flatMap(([title, rows]) => (rows.length === 0 ? [] : [bold(title), ...rows, ""]));
  if (scan.findings.length > 0) lines.push(bold("What is wrong"), renderFindings(scan.findings, io), "");
  lines.push(
    bold("Deployment block"),
    ...(block === "" ? ["  nothing is known"] : ["```yaml", block, "```"]),
  );
  const next = 'Next: put it under "## Deployment" of a memo: vibeops memo new "Deploy …" --type deployment';
  return [...lines, "", typeable(io, next)].join("\n");
}

function evidenceLine({ field, value, source }: Evidence): string {
  return makeVisible(`  ${field} ${value}: ${source}`, { newlines: false });
}

import { type CurrentContent, hostOf } from "./current-content.ts";
import { lockScript } from "./host-lock.ts";
import { place } from "./review-document.ts";
import { linesOf, note, quoted, type ReviewPage } from "./review-line.ts";
import { type Runbook, walkedHosts } from "./runbook.ts";

/** Step 0, in full: what takes the lock on each host, and gives it up at the end. */
export function lockPage(runbook: Pick<Runbook, "steps">, current: CurrentContent): ReviewPage {
  const scripts = walkedHosts(runbook).map((name) => {
    const host = hostOf(current.inventory, name) ?? ({ transport: "ssh" } as const);
    return { name, script: lockScript(host) };
  });
  return {
    title: "Step 0: the lock",
    lines: [
      note("Before the first step, so that two people do not walk on one host at once; given up at the end."),
      note(
        "Its variables say what to do (take, break, release), and name the walk, who walks it, and from where.",
      ),
      ...[...new Set(scripts.map(({ script }) => script))].flatMap((script) => [
        note(""),
        ...scripts
          .filter((one) => one.script === script)
          .map(({ name }) => note(`  on ${place(name, current)}`)),
        ...linesOf(script).map((line) => quoted(line, "›")),
      ]),
    ],
  };
}

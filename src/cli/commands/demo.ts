import { relative, resolve } from "node:path";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, type Options } from "../command.ts";
import { playStory, type Teller } from "../demo/story.ts";
import { makeWorkspace } from "../demo/workspace.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { styleFor } from "../style.ts";

export async function runDemo(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const directory = resolve(io.cwd, args[0] ?? "vibeops-demo");
  const space = await makeWorkspace(directory, flagOption(options, "fresh"), io.context);
  const teller = flagOption(options, "json") ? silentTeller : printingTeller(io);
  const { runbook } = await playStory(space, io.context, teller);
  const folder = relative(io.cwd, space.infra.root) || ".";
  const part = runbook.slice(-8);
  const next = [
    `cd ${/^[\w./-]+$/.test(folder) ? folder : `'${folder}'`}`,
    `npx vibeops runbook show ${part}`,
    `npx vibeops runbook approve ${part}`,
    `npx vibeops runbook run ${part}`,
    `npx vibeops runbook verify ${part}`,
    `npx vibeops runbook close ${part}`,
    `curl http://127.0.0.1:${space.port}/`,
  ];
  return outcome({ directory, runbook, port: space.port, next }, renderNext(io, next));
}

const silentTeller: Teller = { heading: () => undefined, line: () => undefined, excerpt: () => undefined };

function printingTeller(io: Io): Teller {
  const style = styleFor(io);
  return {
    heading: (text) => void io.stdout.write(`\n${style.bold(text)}\n`),
    line: (text) => void io.stdout.write(`  ${text}\n`),
    excerpt: (title, text, lines) => {
      const all = makeVisible(text.trimEnd()).split("\n");
      const shown = all.slice(0, lines).map((line) => style.dim(`  │ ${line}`));
      if (all.length > lines) shown.push(style.dim(`  │ … ${all.length - lines} more lines`));
      io.stdout.write(`  ${style.cyan(title)}\n${shown.join("\n")}\n`);
    },
  };
}

function renderNext(io: Io, [enter, show, approve, run, verify, close, see]: readonly string[]): string {
  const style = styleFor(io);
  const rows = [
    [enter, ""],
    [show, "read what would be done"],
    [approve, "say yes to exactly that; makes your key on the spot"],
    [run, "carry it out, step by step"],
    [verify, "check, as an act of its own"],
    [close, "seal the record, archive the memo"],
    [see, "the service answers"],
  ].map(([command = "", what = ""]) => `  ${command.padEnd(40)}${what === "" ? "" : style.dim(`# ${what}`)}`);
  return [`\n${style.bold("6. From here on a person decides. Nothing has run yet. Type:")}`, ...rows].join(
    "\n",
  );
}

import type { RunbookState } from "../../runbook/store.ts";

/** A command that a person types next, and what it does. */
export interface NextStep {
  command: string;
  what: string;
}

/** Which of the five is next, by where the runbook stands. */
const FIRST: Readonly<Record<RunbookState, number>> = {
  draft: 0,
  rejected: 0,
  broken: 0,
  "part-approved": 1,
  approved: 2,
  running: 2,
  walked: 3,
  verified: 4,
  closed: 5,
  unverified: 5,
};

/** Who has been told already that the service is there. */
export interface Told {
  shop: boolean;
  office: boolean;
}

/** All that is left to type from here to the end of the story, beginning in infra's folder; nothing at its end. */
export function nextSteps(demo: {
  program: string;
  folder: string;
  runbook: string;
  state: RunbookState;
  port: number;
  told: Told;
}): NextStep[] {
  const { program, folder, runbook, state, port, told } = demo;
  const part = runbook.slice(-8);
  const own = [
    ["show", "read what would be done"],
    ["approve", "sign your yes; makes your key"],
    ["run", "carry it out, step by step"],
    ["verify", "check, as an act of its own"],
    ["close", "seal the record, tell who asked"],
  ].map(([verb = "", what = ""]) => ({ command: `${program} runbook ${verb} ${part}`, what }));
  const others = [
    {
      isTold: told.shop,
      command: `(cd ../shop && ${program} session run)`,
      what: "the developer tells the PM",
    },
    { isTold: told.office, command: `(cd ../office && ${program} session run)`, what: "the PM knows" },
  ];
  const left = others.filter(({ isTold }) => !isTold).map(({ command, what }) => ({ command, what }));
  const steps = [...own.slice(FIRST[state]), lookAtService(port), ...left];
  if (steps.length === 1) return [];
  return [
    {
      command: `cd ${/^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`}`,
      what: "",
    },
    ...steps,
  ];
}

export function lookAtService(port: number): NextStep {
  return { command: `curl http://127.0.0.1:${port}/`, what: "the service answers" };
}

import { formatContent, type Statement, type StatementCommand, type StatementContent } from "./statement.ts";

/** Why a decision is no longer about what stands there now. */
export interface Lapse {
  /** `replay`: it was about another runbook or another machine; `hostkey`: the machine has another key. */
  readonly kind: "digest" | "replay" | "hostkey";
  /** What changed, as the middle of a sentence: "step 3's command changed". */
  readonly what: string;
}

/** Names everything that differs between what was decided on and what is there now; empty where nothing does. */
export function compareStatement(approved: Statement, current: StatementContent): Lapse[] {
  if (approved.runbook.id !== current.runbook.id) {
    return [{ kind: "replay", what: `it is about another runbook, ${approved.runbook.id}` }];
  }
  const variables = compareVariables(approved, current);
  const causes = [
    ...variables,
    ...compareFiles(approved, current),
    ...compareActions(approved, current),
    ...compareHosts(approved, current),
  ];
  const commands = [
    ...compareSteps(approved, current),
    ...compareLists("the verification", approved.verification, current.verification),
  ];
  // An action's command that no longer fits its file or definition rises in tier: the cause says enough.
  const isFollowed = causes.some(({ what }) => /^(?:file|action) /.test(what));
  const written = commands.filter(({ what }) => !what.includes(" now counts as "));
  const lapses = [
    ...causes,
    ...(isFollowed ? written : commands),
    ...compareHash("policy.yaml", approved.policy, current.policy),
    ...compareHash("inventory.yaml", approved.inventory, current.inventory),
    ...compareHash("vibeops.yaml", approved.project, current.project),
  ];
  // A variable or a command that is written otherwise is a change of the file; the file is named when nothing more exact can be.
  const named = variables.length + written.length > 0;
  if (approved.runbook.sha256 !== current.runbook.sha256 && !named) {
    lapses.unshift(digest("the text of runbook.md changed"));
  }
  return lapses.length > 0 ? lapses : compareRest(approved, current);
}

/** What no comparison above has a name for: part by part the two say the same, host keys aside, or it is a lapse. */
function compareRest(approved: Statement, current: StatementContent): Lapse[] {
  const hosts = current.hosts.map((host) => {
    const before = approved.hosts.find(({ name }) => name === host.name);
    return before === undefined ? host : { ...host, host_keys: before.host_keys };
  });
  const now = { ...current, hosts };
  const text = formatContent(now);
  if (formatContent(approved) === text) return [];
  const parts = (Object.keys(now) as (keyof StatementContent)[]).filter((part) => {
    return formatContent({ ...now, [part]: approved[part] }) !== text;
  });
  return [digest(`what it says of ${parts.join(", ")} is not what stands there, or no longer`)];
}

function digest(what: string): Lapse {
  return { kind: "digest", what };
}

function compareHash(name: string, before: string, after: string): Lapse[] {
  if (before === after) return [];
  if (before === "absent") return [digest(`${name} was added`)];
  return [digest(after === "absent" ? `${name} was removed` : `${name} changed`)];
}

function compareSteps(approved: StatementContent, current: StatementContent): Lapse[] {
  const lapses: Lapse[] = [];
  for (const step of current.steps) {
    const before = approved.steps.find((other) => other.number === step.number);
    if (before === undefined) {
      lapses.push(digest(`step ${step.number} was added`));
      continue;
    }
    if (before.title !== step.title) lapses.push(digest(`step ${step.number}'s title changed`));
    if (before.action !== step.action) lapses.push(digest(`step ${step.number}'s action changed`));
    if (before.delegated !== step.delegated) {
      lapses.push(digest(`step ${step.number} is ${step.delegated === "yes" ? "now" : "not"} delegated`));
    }
    lapses.push(...compareLists(`step ${step.number}`, before.commands, step.commands));
  }
  const removed = approved.steps.filter(
    (step) => !current.steps.some((other) => other.number === step.number),
  );
  return [...lapses, ...removed.map((step) => digest(`step ${step.number} was removed`))];
}

const NOUNS = { run: "command", check: "check", rollback: "rollback" } as const;

function compareLists(
  where: string,
  before: readonly StatementCommand[],
  after: readonly StatementCommand[],
): Lapse[] {
  const lapses: Lapse[] = [];
  for (const kind of ["run", "check", "rollback"] as const) {
    const old = before.filter((command) => command.kind === kind);
    const now = after.filter((command) => command.kind === kind);
    const what = describeChange(`${where}'s ${NOUNS[kind]}`, old, now);
    if (what !== undefined) lapses.push(digest(what));
  }
  return lapses;
}

function describeChange(
  noun: string,
  old: readonly StatementCommand[],
  now: readonly StatementCommand[],
): string | undefined {
  const [was, is] = [old, now].map((commands) => [...new Set(commands.map(({ host }) => host))].join(", "));
  if (was !== "" && is !== "" && was !== is) return `${noun} now goes to ${is}`;
  if (old.length < now.length) return `${noun} was added`;
  if (old.length > now.length) return `${noun} was removed`;
  if (now.some((command, i) => command.sha256 !== old[i]?.sha256)) return `${noun} changed`;
  const raised = now.find((command, i) => command.tier !== old[i]?.tier);
  return raised === undefined ? undefined : `${noun} now counts as ${raised.tier}`;
}

function compareFiles(approved: StatementContent, current: StatementContent): Lapse[] {
  const after = new Map(current.files.map((file) => [file.path, file.sha256]));
  const before = new Map(approved.files.map((file) => [file.path, file.sha256]));
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].flatMap((path) =>
    compareHash(`file ${path}`, before.get(path) ?? "absent", after.get(path) ?? "absent"),
  );
}

function compareActions(approved: StatementContent, current: StatementContent): Lapse[] {
  return current.actions.flatMap(({ name, sha256 }) => {
    const before = approved.actions.find((action) => action.name === name);
    return before !== undefined && before.sha256 !== sha256
      ? [digest(`action ${name}'s definition changed`)]
      : [];
  });
}

function compareVariables(approved: StatementContent, current: StatementContent): Lapse[] {
  const names = new Set([...Object.keys(approved.variables), ...Object.keys(current.variables)]);
  return [...names].flatMap((name) => {
    const before = Object.hasOwn(approved.variables, name) ? approved.variables[name] : undefined;
    const after = Object.hasOwn(current.variables, name) ? current.variables[name] : undefined;
    if (before === after) return [];
    if (before === undefined) return [digest(`variable ${name} was added`)];
    if (after === undefined) return [digest(`variable ${name} was removed`)];
    return [digest(`variable ${name} changed from ${before} to ${after}`)];
  });
}

/** What differs about where it runs. */
export function compareHosts(approved: StatementContent, current: StatementContent): Lapse[] {
  const lapses: Lapse[] = [];
  for (const host of current.hosts) {
    const before = approved.hosts.find((other) => other.name === host.name);
    if (before === undefined) lapses.push({ kind: "replay", what: `host ${host.name} was not in it` });
    else lapses.push(...compareHost(before, host));
  }
  const removed = approved.hosts.filter((host) => !current.hosts.some((other) => other.name === host.name));
  return [...lapses, ...removed.map((host) => digest(`host ${host.name} was removed`))];
}

type Host = StatementContent["hosts"][number];

function compareHost(before: Host, after: Host): Lapse[] {
  const lapses: Lapse[] = [];
  if (before.resolved !== after.resolved) {
    lapses.push({
      kind: "replay",
      what: `host ${after.name} was ${before.resolved} and is ${after.resolved}`,
    });
  }
  if (before.entry !== after.entry)
    lapses.push(digest(`host ${after.name}'s entry in the inventory changed`));
  if (before.lock !== after.lock) lapses.push(digest(`step 0, the lock on host ${after.name}, changed`));
  // ssh learns further keys of a host by itself; what matters is that an approved one is still known.
  const kept = before.host_keys.some((key) => after.host_keys.includes(key));
  if (before.host_keys.length > 0 && !kept) {
    lapses.push({ kind: "hostkey", what: `host ${after.name}'s key changed` });
  }
  return lapses;
}

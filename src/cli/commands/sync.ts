import { Exit, type VibeopsError } from "../../errors.ts";
import type { QueueReport } from "../../memo/queue.ts";
import { syncMail } from "../../mesh/sync.ts";
import { needsPerson, type PeerReport, type SyncReport } from "../../mesh/sync-report.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, type Options } from "../command.ts";
import { onInterrupt } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { alignColumns, lineWidth, styleFor } from "../style.ts";

/** Exit code 0 also where a peer is offline: waiting puts that right. 6 where a person must look. */
export async function runSync(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const isDry = flagOption(options, "dryRun");
  const report = await interruptible(async (signal) => {
    return await syncMail(project, io.context, {
      peers: args,
      dryRun: isDry,
      signal,
      onProgress: (words) => void io.stderr.write(`${makeVisible(words, { newlines: false })}\n`),
    });
  });
  return outcome(
    describe(report, isDry),
    render(report, isDry, io),
    needsPerson(report) ? Exit.humanNeeded : Exit.ok,
  );
}

/** Ctrl-C ends what hangs and lets the rest be tidied away; a second one ends us. */
async function interruptible<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const stopListening = onInterrupt(() => stop.abort());
  try {
    return await act(stop.signal);
  } finally {
    stopListening();
  }
}

function describe({ peers, local, key, isNewKey }: SyncReport, isDry: boolean) {
  return {
    ...(isDry ? { dryRun: true } : {}),
    peers: peers.map(({ problems, left, ...rest }) => ({
      ...rest,
      left: left.map(({ name, error }) => ({ name, code: error.code, message: error.message })),
      problems: problems.map(describeProblem),
    })),
    local,
    key:
      key === null ? null : { line: key.line, fingerprint: key.fingerprint, file: key.file, isNew: isNewKey },
  };
}

function describeProblem({ code, message, fix, file, line }: VibeopsError) {
  return { code, message, fix, file, line };
}

function render(report: SyncReport, isDry: boolean, io: Io): string {
  const { peers, local } = report;
  const parts = [
    ...local.flatMap((one) => localLines(one, io)),
    ...renderPeers(peers, io),
    ...renderKey(report, io),
  ];
  if (parts.length === 0) return "No peer has a git address, and nothing waits for the others.";
  return [...(isDry ? ["Nothing was written; this is what a sync would do."] : []), ...parts].join("\n");
}

function localLines({ name, outcome: what, reason, fix }: QueueReport, io: Io): string[] {
  const line = `${name}  ${what}${reason === undefined ? "" : `: ${reason}`}`;
  const shown = [makeVisible(line, { newlines: false })];
  return fix === undefined ? shown : [...shown, `  fix: ${makeVisible(typeable(io, fix))}`];
}

function renderPeers(peers: readonly PeerReport[], io: Io): string[] {
  if (peers.length === 0) return [];
  const style = styleFor(io);
  const rows = peers.map((peer) => [
    peer.peer,
    `sent ${peer.sent}`,
    `received ${peer.received}`,
    `acknowledged ${peer.acknowledged}`,
    `waiting ${peer.waiting.length}`,
    makeVisible(whyOf(peer), { newlines: false }),
  ]);
  const problems = peers.flatMap((peer) => problemLines(peer).map((line) => makeVisible(typeable(io, line))));
  return [...alignColumns(rows, lineWidth(io)), ...problems.map((line) => style.yellow(line))];
}

/** Each reason once, with how many wait for it where there are several; what a line below says is not said here as well. */
function whyOf({ waiting, problems }: PeerReport): string {
  const below = problems.filter(isFault).map(({ message }) => message);
  const brief = (text: string) =>
    below.reduce((left, message) => left.replace(message, () => "see below"), text);
  const counts = new Map<string, number>();
  for (const { why } of waiting) counts.set(brief(why), (counts.get(brief(why)) ?? 0) + 1);
  if (counts.size === 0) return brief(problems[0]?.message ?? "");
  return [...counts].map(([why, count]) => (counts.size === 1 ? why : `${count} ${why}`)).join("; ");
}

/** What no further sync puts right: told on a line of its own, with its fix. */
function isFault({ exit }: VibeopsError): boolean {
  return exit !== Exit.ok;
}

function problemLines({ peer, problems, setAside, left }: PeerReport): string[] {
  const lines = [...problems.filter(isFault), ...left.map(({ error }) => error)].map(
    ({ message, fix, file }) => {
      const place = file === undefined ? "" : ` (${file})`;
      return `${peer}: ${message}${place}${fix === undefined ? "" : `\n  fix: ${fix}`}`;
    },
  );
  const aside = setAside.map(({ name, code }) => `${peer}: set aside in memos/quarantine: ${name} (${code})`);
  return [...aside, ...new Set(lines)];
}

/** A peer that has never answered may not know the key. */
function renderKey({ key, isNewKey, peers }: SyncReport, io: Io): string[] {
  const isUnsure = ({ waiting, problems }: PeerReport) =>
    waiting.length > 0 || problems.some(({ code }) => code === "mesh.no-signers");
  if (key === null || !(isNewKey || peers.some(isUnsure))) return [];
  const style = styleFor(io);
  const what = isNewKey ? "A mail key was made for this project" : "This project's mail is signed by";
  return [
    `${what}: ${key.fingerprint}`,
    `  in each peer's vibeops.yaml, under its entry for this project: ${style.bold(`signers: ["${key.line}"]`)}`,
  ];
}

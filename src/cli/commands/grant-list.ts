import { findProjectRoot } from "../../project/discovery.ts";
import { type GrantList, type ListedGrant, type ListedPeer, listGrants } from "../../project/list-grants.ts";
import { loadProject } from "../../project/project.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, type Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { alignColumns, lineWidth, type Style, styleFor } from "../style.ts";

export async function runGrantList(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const list = listGrants(project, io.context.now());
  if (!flagOption(options, "expired")) return outcome(list, render(io, list));
  const ended = list.accepts.filter(({ state }) => state === "ended");
  const text = ended.length === 0 ? "Nothing has ended." : renderAccepted(io, ended).join("\n");
  return outcome({ project: list.project, accepts: ended }, text);
}

function render(io: Io, { project, accepts, peers }: GrantList): string {
  const style = styleFor(io);
  const accepted = accepts.length === 0 ? ["  nobody"] : renderAccepted(io, accepts);
  const listed = peers.length === 0 ? ["  nobody"] : renderPeers(io, peers);
  const more =
    accepts.length + peers.length === 0 ? ["", typeable(io, "Begin with: vibeops init --peer ../other")] : [];
  return [
    style.bold(`May write or read here (${project})`),
    ...accepted,
    "",
    style.bold("We may write to"),
    ...listed,
    ...more,
  ].join("\n");
}

function renderAccepted(io: Io, grants: readonly ListedGrant[]): string[] {
  const style = styleFor(io);
  const rows = grants.map((grant) => [`  ${grant.from}`, duration(grant), contents(grant)]);
  return alignColumns(rows, lineWidth(io)).flatMap((line, i) => {
    const grant = grants[i];
    if (grant === undefined) return [];
    const note = grant.oneSided === null ? [] : [style.yellow(`    one-sided: ${visible(grant.oneSided)}`)];
    return [colour(style, grant.state, line), ...note];
  });
}

function renderPeers(io: Io, peers: readonly ListedPeer[]): string[] {
  const style = styleFor(io);
  const rows = peers.flatMap(({ peer, place, accepts, grants, why }) => {
    if (accepts !== "yes")
      return [[`  ${peer}`, accepts === "no" ? "no" : "unknown", visible(`${why} (${place})`)]];
    return grants.map((grant) => [`  ${peer}`, duration(grant), contents(grant)]);
  });
  const states = peers.flatMap(({ accepts, grants }) =>
    accepts === "yes" ? grants.map(({ state }) => state) : ["ended" as const],
  );
  return alignColumns(rows, lineWidth(io)).map((line, i) => colour(style, states[i] ?? "holds", line));
}

function contents({ types, read }: ListedGrant): string {
  const mail = types === null ? "all types" : types.length === 0 ? "no mail" : types.join(", ");
  return read.length === 0 ? mail : `${mail}; reads ${read.join(" and ")}`;
}

function duration({ until, daysLeft, state }: ListedGrant): string {
  if (until === null || daysLeft === null) return "no end";
  if (state === "ended") return `ended ${until}`;
  return `until ${until} (${daysLeft === 0 ? "last day" : `${daysLeft} d left`})`;
}

function colour(style: Style, state: ListedGrant["state"], line: string): string {
  if (state === "holds") return line;
  return state === "ended" ? style.red(line) : style.yellow(line);
}

function visible(text: string): string {
  return makeVisible(text, { newlines: false });
}

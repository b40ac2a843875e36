import { Exit, VibeopsError } from "../errors.ts";
import { readYaml } from "../text/yaml-own.ts";
import { type Plain, renderFlow, spliceYaml, type YamlEdit } from "../text/yaml-splice.ts";
import { addToConfig, byHand } from "./config-edit.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { covers, grantsType, hasExpired, type Readable } from "./grants.ts";
import { type MemoType, memoTypes } from "./memo-types.ts";
import { type Grant, projectSchema } from "./project.ts";

/** What a person wants to grant a peer. */
export interface GrantWish {
  /** Memo types that come in; where neither these nor `read` are named, those of `usual`. */
  types?: readonly MemoType[] | undefined;
  read?: readonly Readable[] | undefined;
  /** The last day; null for a grant without an end; not given: that of a line which holds, or of `usual`. */
  until?: string | null | undefined;
}

/** What stands in a line about which nothing more was said. */
export interface UsualGrant {
  types: readonly MemoType[];
  until: string;
}

interface Line {
  /** Its place under `accepts`. */
  index: number;
  grant: Grant;
}

/**
 * The text of vibeops.yaml with a peer granted what is wished and nothing else: a line about it gets what it lacks, and
 * where that would lengthen or widen what nobody named, there is a new line. Every other byte stays.
 *
 * @throws VibeopsError `grant.which`, `grant.longer` where a line of its own would say nothing; `config.by-hand`
 */
export function addGrant(
  text: string,
  from: string,
  wish: GrantWish,
  usual: UsualGrant,
  today: Date,
): string {
  const lines = linesAbout(text, from);
  const live = lines.filter(({ grant }) => !hasExpired(grant, today));
  if (wish.types === undefined && wish.read === undefined)
    return addUsual(text, from, wish.until, usual, { lines, live });
  const named = { types: wish.types ?? [], read: wish.read ?? [] };
  if (wish.until === undefined && live[0] !== undefined) return complete(text, live[0], lacking(named, live));
  return widen(text, from, lines, { ...named, until: wish.until === undefined ? usual.until : wish.until });
}

/** What of it no line grants yet: none is lengthened for what another one says already. */
function lacking(
  { types, read }: { types: readonly MemoType[]; read: readonly Readable[] },
  live: readonly Line[],
) {
  return {
    types: types.filter((type) => !live.some(({ grant }) => grantsType(grant, type))),
    read: read.filter((what) => !live.some(({ grant }) => grant.read?.includes(what) === true)),
  };
}

/** Nothing was named: what is there gets another end, or the usual grant is given. */
function addUsual(
  text: string,
  from: string,
  until: GrantWish["until"],
  usual: UsualGrant,
  { lines, live }: { lines: readonly Line[]; live: readonly Line[] },
): string {
  if (until === undefined) return live.length > 0 ? text : widen(text, from, lines, usual);
  if (lines.length === 0) return widen(text, from, lines, { types: usual.types, until });
  return setUntil(text, onlyLine(from, live.length === 1 ? live : lines), until);
}

/** The text without a grant, or without the named parts of it; as it was where nothing of that is granted. */
export function revokeGrant(
  text: string,
  from: string,
  what: { types?: readonly MemoType[] | undefined; read?: readonly Readable[] | undefined },
): string {
  const all = what.types === undefined && what.read === undefined;
  // From the last line up, so that the places of the others stay.
  return linesAbout(text, from)
    .toReversed()
    .reduce((result, line) => {
      const left = all ? null : lessThan(line.grant, what);
      return left === null
        ? apply(result, [{ kind: "remove", at: ["accepts", line.index] }])
        : narrow(result, line, left);
    }, text);
}

function linesAbout(text: string, from: string): Line[] {
  const { accepts } = readYaml(text, projectSchema, PROJECT_FILE).value;
  return accepts.map((grant, index) => ({ index, grant })).filter(({ grant }) => grant.from === from);
}

function onlyLine(from: string, lines: readonly Line[]): Line {
  const [line, another] = lines;
  if (line !== undefined && another === undefined) return line;
  throw new VibeopsError({
    code: "grant.which",
    exit: Exit.usage,
    message: `${lines.length} lines say what comes in from ${from}, and an end alone does not say which is meant`,
    file: PROJECT_FILE,
    fix: "name the types as well: --types request,info",
  });
}

interface Wanted {
  types: readonly MemoType[];
  read?: readonly Readable[];
  until: string | null;
}

/** Into the line that says no more than what is wished, or that ends on the same day; else a new one. */
function widen(
  text: string,
  from: string,
  lines: readonly Line[],
  { types, read = [], until }: Wanted,
): string {
  const wanted: Grant = {
    from,
    types: [...types],
    ...(read.length === 0 ? {} : { read: [...read] }),
    ...(until === null ? {} : { until }),
  };
  const fitting =
    lines.find(({ grant }) => grant.until === wanted.until) ??
    lines.find(({ grant }) => covers(wanted, grant));
  if (fitting !== undefined) return complete(setUntil(text, fitting, until), fitting, { types, read });
  const longer = lines.find(({ grant }) => covers(grant, wanted) && !endsBefore(grant, wanted));
  if (longer !== undefined) throw noShorter(from, longer.grant);
  return addToConfig(text, [{ section: "accepts", value: wanted as unknown as Plain }]);
}

function endsBefore(one: Grant, other: Grant): boolean {
  return one.until !== undefined && (other.until === undefined || one.until < other.until);
}

function noShorter(from: string, grant: Grant): VibeopsError {
  const until = grant.until === undefined ? "without an end" : `until ${grant.until}`;
  return new VibeopsError({
    code: "grant.longer",
    exit: Exit.usage,
    message: `all of that comes in from ${from} ${until} already, with other types on the same line`,
    file: PROJECT_FILE,
    fix: `to end a part of it sooner, take that out first: vibeops grant revoke ${from} --types …`,
  });
}

/** A line with the types and the reading that it lacks. One that names no types lets all of them in. */
function complete(
  text: string,
  { index, grant }: Line,
  { types, read }: { types: readonly MemoType[]; read: readonly Readable[] },
): string {
  const at = ["accepts", index];
  const missing = grant.types === undefined ? [] : types.filter((type) => !grant.types?.includes(type));
  const unread = read.filter((what) => grant.read?.includes(what) !== true);
  const reading: YamlEdit[] =
    grant.read === undefined && unread.length > 0
      ? [{ kind: "set", in: at, key: "read", value: unread }]
      : unread.map((what) => ({ kind: "append", to: [...at, "read"], value: what }));
  return apply(text, [
    ...missing.map((type): YamlEdit => ({ kind: "append", to: [...at, "types"], value: type })),
    ...reading,
  ]);
}

function setUntil(text: string, { index, grant }: Line, until: string | null): string {
  const at = ["accepts", index];
  if (until === null)
    return grant.until === undefined ? text : apply(text, [{ kind: "remove", at: [...at, "until"] }]);
  return grant.until === until ? text : apply(text, [{ kind: "set", in: at, key: "until", value: until }]);
}

/** What is left of a grant; null where that is nothing. */
function lessThan(grant: Grant, what: Parameters<typeof revokeGrant>[2]): Grant | null {
  const all = grant.types ?? memoTypes;
  const types = all.filter((type) => what.types?.includes(type) !== true);
  const read = (grant.read ?? []).filter((one) => what.read?.includes(one) !== true);
  if (types.length === 0 && read.length === 0) return null;
  return { ...grant, types: types.length === all.length ? grant.types : types, read };
}

function narrow(text: string, { index, grant }: Line, left: Grant): string {
  const at = ["accepts", index];
  const edits: YamlEdit[] = [];
  const removeFrom = (key: "types" | "read", kept: readonly string[]) => {
    const old: readonly string[] = grant[key] ?? [];
    const gone = old.map((one, i) => ({ one, i })).filter(({ one }) => !kept.includes(one));
    edits.push(...gone.toReversed().map(({ i }): YamlEdit => ({ kind: "remove", at: [...at, key, i] })));
  };
  if (grant.types !== undefined) removeFrom("types", left.types ?? []);
  else if (left.types !== undefined) edits.push({ kind: "set", in: at, key: "types", value: left.types });
  if (grant.read !== undefined && left.read?.length === 0)
    edits.push({ kind: "remove", at: [...at, "read"] });
  else removeFrom("read", left.read ?? []);
  return apply(text, edits);
}

function apply(text: string, edits: readonly YamlEdit[]): string {
  return edits.reduce((result, edit) => {
    const next = spliceYaml(result, edit);
    if (next === null) throw byHand(describe(edit));
    return next;
  }, text);
}

function describe(edit: YamlEdit): string {
  const place = (path: readonly (string | number)[]) => path.join(".");
  if (edit.kind === "remove") return `take out ${place(edit.at)}`;
  if (edit.kind === "append") return `add to ${place(edit.to)}: ${renderFlow(edit.value)}`;
  return `write in ${place(edit.in)}: "${edit.key}: ${renderFlow(edit.value)}"`;
}

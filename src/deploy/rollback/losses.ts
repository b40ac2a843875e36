import { findMigration } from "../block-facts.ts";
import { render } from "../catalogue.ts";
import { codeSpan, listInWords } from "../markdown-text.ts";
import { targetKindOf } from "../target-kind.ts";
import { keepsData } from "../volumes.ts";
import { describeBackup } from "./data-steps.ts";
import type { RecordedBackup } from "./find-backups.ts";
import type { RollbackInput, RollbackPlan } from "./rollback.ts";

interface LossInput extends RollbackInput {
  /** What is put back. */
  readonly used: readonly RecordedBackup[];
  /** What could be, and was not asked for. */
  readonly unused: readonly RecordedBackup[];
  /** Whether the record names one on other hosts. */
  readonly elsewhere: boolean;
  readonly removed: RollbackPlan["removed"];
}

/** What cannot come back, and what nobody knows of it: a sentence of Markdown each, from the trail alone. */
export function listLosses(input: LossInput): string[] {
  const { block, place, way, used, unused, removed, find } = input;
  const isFiles = targetKindOf({ block, place }) === "static";
  const hasData = !isFiles && [block, ...input.blocks.values()].some((one) => one !== null && keepsData(one));
  const [first] = used;
  const text = render(find, "deploy/rollback/losses.md", {
    service: block.service,
    version: block.version,
    host: place.hostName,
    since: way.to.ended,
    backup: first === undefined ? false : { time: first.time, what: listInWords(used.map(words)) },
    unused: unused.length === 0 ? "" : listInWords(unused.map((one) => `${words(one)} of ${one.time}`)),
    noBackup: hasData && used.length === 0 && unused.length === 0 && !input.elsewhere,
    keptData: hasData && used.length === 0,
    otherHost: input.elsewhere,
    otherPlace: way.from.manifest.host === place.hostName ? "" : way.from.manifest.host,
    unknownData: !isFiles && block.data?.stateful === undefined && !keepsData(block),
    migrations: listMigrations(input),
    silent: hasData ? listSilent(input) : [],
    variables: changedVariables(input),
    removed: removed.length === 0 ? "" : listInWords(removed.map(({ path }) => codeSpan(path))),
    tag: tagOf(input),
  });
  return text.split("\n").filter((line) => line !== "");
}

function words(backup: RecordedBackup): string {
  return codeSpan(describeBackup(backup));
}

function listMigrations({ way, blocks }: RollbackInput) {
  return way.since.flatMap(({ manifest: { version, runbook } }) => {
    const block = blocks.get(runbook) ?? null;
    const migration = block === null ? null : findMigration(block);
    return migration === null ? [] : [{ later: version, migration: codeSpan(migration) }];
  });
}

/** Versions of which nobody said whether they migrate anything. */
function listSilent({ way, blocks }: RollbackInput) {
  return way.since.flatMap(({ manifest: { version, runbook } }) => {
    const block = blocks.get(runbook) ?? null;
    const isSaid = block?.data?.migrations !== undefined || (block !== null && findMigration(block) !== null);
    return isSaid ? [] : [{ later: version }];
  });
}

/** Values lie on the host alone, and what a later version no longer needed may have been taken out of them. */
function changedVariables({ block, blocks, way }: RollbackInput): string {
  const names = (one: RollbackInput["block"] | null | undefined) => (one?.env ?? []).map(({ name }) => name);
  const now = names(blocks.get(way.from.manifest.runbook));
  const lost = way.since.length === 0 ? [] : names(block).filter((name) => !now.includes(name));
  return lost.length === 0 ? "" : listInWords(lost.map(codeSpan));
}

function tagOf({ block, place }: RollbackInput): string {
  if (targetKindOf({ block, place }) !== "compose") return "";
  const image = (block.artifacts ?? []).flatMap((one) => ("image" in one ? [one.image] : []))[0];
  return image === undefined || image.includes("@sha256:") ? "" : codeSpan(image);
}

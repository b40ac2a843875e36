import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Desk, openOffice, untilNobodyIsIn } from "../faults/office.ts";
import { session } from "../faults/scenarios.ts";
import { type Started, startProgram } from "./processes.ts";

export interface KillReport {
  kills: number;
  acknowledged: number;
  arrived: number;
  problems: string[];
}

/** Somebody sends memo after memo and is killed at a random moment, again and again; sessions run in between. */
export async function runKills(
  directory: string,
  child: string,
  count: number,
  say: (line: string) => void,
): Promise<KillReport> {
  const office = openOffice(directory, true);
  const { shop, infra, context } = office;
  const acknowledged = new Set<string>();
  const problems: string[] = [];
  const pace: Pace = { ms: Number.POSITIVE_INFINITY };
  for (let i = 1; i <= count; i += 1) {
    const sender = startProgram(child, ["send", shop.root], context);
    await waitUntilKill(sender, Math.random() * 2, pace);
    sender.child.kill("SIGKILL");
    if ((await sender.ended) !== null) problems.push(`kill ${i}: it had ended by itself`);
    await untilNobodyIsIn(shop);
    for (const line of sender.lines) acknowledged.add(line.split(" ")[1] ?? "");
    // A git that lost its vibeops ends by itself; one that was killed leaves a lock, which its message says to remove.
    for (const lock of ["HEAD.lock", "packed-refs.lock", "refs/heads/main.lock"])
      rmSync(join(shop.root, ".git", lock), { force: true });
    if (i % 20 === 0 || i === count) {
      await session(office, shop);
      await session(office, infra);
    }
    if (i % 100 === 0) say(`${i} of ${count} kills, ${acknowledged.size} memos acknowledged`);
  }
  const arrived = memosIn(infra, "memos/incoming").map((name) => name.slice(0, 25));
  problems.push(...missingFrom(arrived, acknowledged), ...leftAt(shop), ...leftAt(infra));
  return { kills: count, acknowledged: acknowledged.size, arrived: arrived.length, problems };
}

function memosIn(desk: Desk, folder: string): string[] {
  return desk.list(folder).filter((name) => name.endsWith(".md"));
}

function missingFrom(arrived: readonly string[], acknowledged: ReadonlySet<string>): string[] {
  const there = new Set(arrived);
  const lost = [...acknowledged].filter((id) => !there.has(id));
  return [
    ...(acknowledged.size === 0 ? ["nobody came so far as to acknowledge a memo"] : []),
    ...(there.size === arrived.length ? [] : ["a memo arrived twice"]),
    ...lost.map((id) => `${id} was acknowledged and is lost`),
  ];
}

/** What should not lie there after the last session: in quarantine, in the queue, in no commit. */
function leftAt(desk: Desk): string[] {
  desk.git("fsck", "--strict");
  const status = desk.git("status", "--porcelain").split("\n");
  return [
    ...desk.list("memos/quarantine").map((name) => `${name} was set aside`),
    // A temporary there is not a memo yet: nobody was told of it, and it goes after 36 hours.
    ...memosIn(desk, "memos/outgoing").map((name) => `${name} is still in the queue`),
    ...status.filter((line) => line !== "" && !line.startsWith("?? memos/outgoing/")),
  ];
}

/** How long a sender takes to its first memo, in milliseconds: measured as it goes, for the load of a machine changes. */
interface Pace {
  ms: number;
}

/** A random moment in the time that two memos take; the first sender is let go on until it has acknowledged two. */
async function waitUntilKill({ lines }: Started, memos: number, pace: Pace): Promise<void> {
  const begun = performance.now();
  let first: number | null = null;
  while (lines.length < 2 && performance.now() - begun < pace.ms * memos) {
    await sleep(1);
    if (lines.length > 0) first ??= performance.now() - begun;
  }
  if (first !== null) pace.ms = first;
  else if (memos > 1) pace.ms *= 1.2;
}

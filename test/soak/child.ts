// What the soak runs in processes of their own: `write`, `read`, `send` and `simulate`.
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAddress } from "../../src/memo/address.ts";
import { deliver } from "../../src/memo/delivery.ts";
import { memoFileName } from "../../src/memo/file-name.ts";
import { formatMemo } from "../../src/memo/format-memo.ts";
import { INCOMING, readMemoFile } from "../../src/memo/mailbox.ts";
import { planMemos, sendMemos } from "../../src/memo/send.ts";
import { sha256 } from "../../src/platform/hash.ts";
import { newId } from "../../src/platform/ids.ts";
import { loadProject } from "../../src/project/project.ts";
import { rootOf, WORK } from "./load/simulated-work.ts";

const HOUR = 3_600_000;
const [mode = "", root = "", ...rest] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** A memo whose body says its own hash, so that a reader knows whether it has all of it. */
function composeMemo(from: string, i: number, now: Date) {
  const id = newId({ now: () => now, randomBytes });
  const words = Array.from(
    { length: 160 + (i % 40) },
    (_, line) => `Line ${line} of memo ${i} from ${from}.`,
  ).join("\n");
  const body = `${words}\nsha256 ${sha256(Buffer.from(words))}\n`;
  const subject = `Memo ${i} from ${from}`;
  const text = formatMemo({ id, from: { project: from }, to: { project: "infra" }, subject, body });
  return { id, name: memoFileName(id, subject), bytes: Buffer.from(text) };
}

async function write(from: string, count: number, hoursOff: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const { id, name, bytes } = composeMemo(from, i, new Date(Date.now() + hoursOff * HOUR));
    const outcome = await deliver(root, name, bytes, process.env);
    if (outcome !== "delivered") throw new Error(`${name}: ${outcome}`);
    say(`delivered ${id}`);
    if (i % 10 !== 0) continue;
    const again = await deliver(root, name, bytes, process.env);
    if (again !== "duplicate") throw new Error(`${name} again: ${again}`);
  }
}

/** Looks at the inbox until it is told to stop, and reads each memo that it has not read before. */
async function read(): Promise<void> {
  const seen = new Set<string>();
  let looks = 0;
  let isOver = false;
  process.on("SIGTERM", () => {
    isOver = true;
  });
  const tomorrow = () => new Date(Date.now() + 24 * HOUR);
  for (;;) {
    const last = isOver;
    looks += 1;
    for (const name of readdirSync(join(root, INCOMING))) {
      if (seen.has(name) || !name.endsWith(".md")) continue;
      seen.add(name);
      const fault = faultOf(name, tomorrow());
      if (fault !== null) say(`bad ${name}: ${fault}`);
    }
    if (last) break;
    await sleep(2);
  }
  say(`read ${looks} ${seen.size}`);
}

function faultOf(name: string, now: Date): string | null {
  try {
    const { body } = readMemoFile(join(root, INCOMING, name), name, now).memo;
    const [, words = "", hash] = /^([\s\S]*)\nsha256 ([0-9a-f]{64})\n$/.exec(body) ?? [];
    return sha256(Buffer.from(words)) === hash ? null : "not all of it is there";
  } catch (error) {
    return (error as Error).message;
  }
}

/** Sends one memo after the other, and says so of each once it is acknowledged, until somebody kills it. */
async function send(): Promise<void> {
  const project = loadProject(root);
  const context = { env: process.env, now: () => new Date(), randomBytes };
  for (let i = 0; ; i += 1) {
    const letter = { subject: `Memo ${i}`, body: "Words.\n", type: "request", priority: "normal" } as const;
    const [sent] = await sendMemos(
      project,
      planMemos(project, [parseAddress("infra")], letter, context),
      letter,
      context,
    );
    say(`acknowledged ${sent?.id} ${sent?.outcome}`);
  }
}

/** One process's share of a phase: what it did, and the processor's seconds that it and its gits took. */
async function simulate(
  phase: string,
  [projects = 0, memos = 0, worker = 0, workers = 1]: number[],
): Promise<void> {
  const context = { env: process.env, now: () => new Date(), randomBytes };
  let did = 0;
  for (let i = worker; i < projects; i += workers) {
    try {
      did += (await WORK[phase]?.(rootOf(root, i), i, { projects, memos }, context)) ?? 0;
    } catch (error) {
      say(`bad ${phase}: ${(error as Error).message.split("\n", 1)[0]}`);
    }
  }
  const { user, system } = process.cpuUsage();
  // Children that have ended, in ticks: fields 16 and 17 of proc_pid_stat(5), counted after the name in brackets.
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
  const git = (Number(fields[13]) + Number(fields[14])) / 100;
  say(`did ${did} ${(user + system) / 1e6} ${git}`);
}

const [first = "", second = "0", third = "0"] = rest;
if (mode === "write") await write(first, Number(second), Number(third));
else if (mode === "read") await read();
else if (mode === "simulate") await simulate(first, rest.slice(1).map(Number));
else await send();

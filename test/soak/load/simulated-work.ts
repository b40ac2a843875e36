import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finishMemo } from "../../../src/memo/done.ts";
import { intakeMail } from "../../../src/memo/intake.ts";
import { listPending } from "../../../src/memo/list.ts";
import { readInbox } from "../../../src/memo/mailbox.ts";
import { expandRecipients } from "../../../src/memo/route.ts";
import { searchMemos } from "../../../src/memo/search.ts";
import { parseTerms } from "../../../src/memo/search-query.ts";
import { planMemos, sendMemos } from "../../../src/memo/send.ts";
import type { Context } from "../../../src/platform/context.ts";
import { loadProject } from "../../../src/project/project.ts";

/** The whole of what is simulated; each project sends the same share of the memos, to ten others. */
export interface SimulationSize {
  projects: number;
  memos: number;
}

const PEERS = 10;

/** What one project does in one phase. Returns how many memos it concerned. @throws Error where that is not as it should be */
type Work = (root: string, i: number, size: SimulationSize, context: Context) => number | Promise<number>;

export const WORK: Readonly<Record<string, Work>> = {
  "create a project": (root, i, { projects }, context) => createProject(root, i, projects, context),
  "write, commit and deliver": (root, i, size, context) => sendShare(root, i, size, context),
  "take in": async (root, _, size, context) => {
    const { accepted } = await intakeMail(loadProject(root), context);
    return requireShare(accepted.length, size, root);
  },
  list: (root, _, size, context) =>
    requireShare(listPending(readInbox(root, context.now()).memos, {}).length, size, root),
  search: async (root, _, size, context) => {
    const query = { terms: parseTerms(["words", "wanted"]), filter: {}, sort: "date", limit: 0 } as const;
    const { hits } = await searchMemos([root], query, context.now());
    return requireShare(hits.filter(({ place }) => place === "incoming").length, size, root);
  },
  "end one, with its receipt": async (root, i, _, context) => {
    if (i % 10 !== 0) return 0;
    const [first] = readInbox(root, context.now()).memos;
    const { receipt } = await finishMemo(
      loadProject(root),
      first?.memo.id ?? "",
      { unfinished: "simulated" },
      context,
    );
    if (receipt?.outcome !== "delivered") throw new Error(`${root}: the receipt is ${receipt?.outcome}`);
    return 1;
  },
  "git fsck and status": (root, i, _, context) => {
    if (i % 10 !== 0) return 0;
    const git = gitIn(root, context);
    git("fsck", "--strict");
    const left = git("status", "--porcelain")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("??"));
    if (left.length > 0) throw new Error(`${root}: ${left.join(", ")}`);
    return 1;
  },
};

function requireShare(count: number, { projects, memos }: SimulationSize, root: string): number {
  if (count !== memos / projects) throw new Error(`${root}: ${count} of ${memos / projects} memos`);
  return count;
}

function nameOf(i: number): string {
  return `project-${i}`;
}

export function rootOf(directory: string, i: number): string {
  return join(directory, nameOf(i));
}

function gitIn(root: string, context: Context) {
  const env = context.env as NodeJS.ProcessEnv;
  return (...args: string[]) =>
    execFileSync("git", args, { cwd: root, env, encoding: "utf8", stdio: "pipe" });
}

/** The ten that follow are its peers, and the ten before it write to it; in a ring. */
function createProject(root: string, i: number, projects: number, context: Context): number {
  const neighbours = (step: number) =>
    Array.from({ length: PEERS }, (_, k) => nameOf((i + step * (k + 1) + projects) % projects));
  const known = [...neighbours(1), ...neighbours(-1)];
  mkdirSync(root);
  const config = [
    `project: ${nameOf(i)}`,
    "agents: { worker: { provider: builtin } }",
    `peers: { ${known.map((name) => `${name}: { path: ../${name} }`).join(", ")} }`,
    `accepts: [${known.map((name) => `{ from: ${name} }`).join(", ")}]`,
  ];
  writeFileSync(join(root, "vibeops.yaml"), `${config.join("\n")}\n`);
  const git = gitIn(root, context);
  git("init", "--quiet", "--template=");
  git("add", ".");
  git("commit", "--quiet", "-m", "Start");
  return 1;
}

/** A project's memos to its ten peers, in one commit, as `memo new --to @peers` makes it. */
async function sendShare(root: string, i: number, size: SimulationSize, context: Context): Promise<number> {
  const project = loadProject(root);
  const peers = expandRecipients(project, Object.keys(project.config.peers).slice(0, PEERS));
  const share = size.memos / size.projects;
  const planned = Array.from({ length: share / PEERS }, (_, round) => {
    return planMemos(project, peers, letterFor(i, round), context);
  }).flat();
  const sent = await sendMemos(project, planned, { subject: `${share} memos` }, context);
  return requireShare(sent.filter(({ outcome }) => outcome === "delivered").length, size, root);
}

function letterFor(i: number, round: number) {
  return {
    subject: `Memo ${round} from ${i}`,
    body: "## Context\n\nSome words about what is wanted and why.\n\n## Action items\n\n- [ ] One\n- [ ] Two\n\n## Completion\n",
    type: "request",
    priority: "normal",
  } as const;
}

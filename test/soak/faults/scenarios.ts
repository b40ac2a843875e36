import { join } from "node:path";
import { intakeMail } from "../../../src/memo/intake.ts";
import { readInbox } from "../../../src/memo/mailbox.ts";
import { loadProject } from "../../../src/project/project.ts";
import { startSession } from "../../../src/session/start.ts";
import { runIn } from "../../helpers/cli.ts";
import { type Desk, leaveHalfFinished, type Office } from "./office.ts";

/** One command, what was there before it, and what must be true once it was done or repeated. */
export interface Scenario {
  name: string;
  /** Brings the office to the point before the command. */
  prepare: (office: Office) => Promise<void>;
  /** Whose desk the command is given at. */
  at: "shop" | "infra";
  argv: (office: Office) => string[];
  /** Who has a session afterwards, in this order, so that all mail has gone its way. */
  sessions: readonly ("shop" | "infra")[];
  /** What is wrong when the command has been acknowledged, and the sessions were held since. */
  missing: (office: Office, times: Times) => string[];
}

/** How often the work may be found: a command that failed may be found not done, one that was repeated, done. */
interface Times {
  least: number;
  most: number;
}

const SUBJECT = "Look at the logs";

async function send(office: Office, subject = SUBJECT, items = ["First", "Second"]): Promise<void> {
  const argv = [
    "memo",
    "new",
    subject,
    "--to",
    "infra",
    "--body",
    "Words.",
    ...items.flatMap((item) => ["--item", item]),
  ];
  const sent = await runIn(office.shop.root, office.context, argv);
  if (sent.exit !== 0) throw new Error(sent.stderr);
}

export async function session(office: Office, desk: Desk): Promise<void> {
  await startSession(loadProject(desk.root), office.context, { pendingRunbooks: () => [] });
}

async function withMemoTakenIn(office: Office): Promise<void> {
  await send(office);
  await intakeMail(loadProject(office.infra.root), office.context);
}

/** Files of a folder that are memos with these words in their names. */
function found(desk: Desk, folder: string, words = "look-at-the-logs"): string[] {
  return desk.list(folder).filter((name) => name.includes(words) && /^\d{8}T\d{6}Z-.*\.md$/.test(name));
}

function months(desk: Desk, folder: string): string[] {
  return desk
    .list(folder)
    .filter((name) => /^\d{4}-\d{2}$/.test(name))
    .map((month) => `${folder}/${month}`);
}

function byMonth(desk: Desk, folder: string, words?: string): string[] {
  return months(desk, folder).flatMap((month) => found(desk, month, words).map((name) => `${month}/${name}`));
}

function count(what: string, length: number, { least, most }: Times): string[] {
  return length >= least && length <= most ? [] : [`${what}: ${length}, not ${least} to ${most}`];
}

function committed(desk: Desk, path: string): boolean {
  return desk.git("ls-tree", "--name-only", "HEAD", path).trim() === path;
}

function uncommitted(desk: Desk, paths: readonly string[]): string[] {
  return paths.filter((path) => !committed(desk, path)).map((path) => `${path} is in no commit`);
}

const sentAndReceived = ({ shop, infra }: Office, times: Times): string[] => {
  const copies = byMonth(shop, "memos/sent");
  const arrived = found(infra, "memos/incoming").map((name) => `memos/incoming/${name}`);
  const names = (paths: string[]) => paths.map((path) => path.split("/").at(-1)).join(" ");
  return [
    ...count("copies", copies.length, times),
    ...(names(copies) === names(arrived) ? [] : [`sent ${names(copies)}, arrived ${names(arrived)}`]),
    ...uncommitted(shop, copies),
    ...uncommitted(infra, arrived),
  ];
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "memo new",
    at: "shop",
    prepare: async ({ shop }) => leaveHalfFinished(shop),
    argv: () => ["memo", "new", SUBJECT, "--to", "infra", "--body", "Words.", "--item", "First"],
    sessions: ["shop", "infra"],
    missing: sentAndReceived,
  },
  {
    name: "session start",
    at: "infra",
    // A memo, a receipt and what is to be set aside: all that an intake does.
    prepare: async (office) => {
      const { shop, infra, context } = office;
      await runIn(infra.root, context, ["memo", "new", "Asked before", "--to", "shop", "--body", "Words."]);
      await intakeMail(loadProject(shop.root), context);
      const [asked] = readInbox(shop.root, context.now()).memos;
      await runIn(shop.root, context, ["memo", "done", asked?.memo.id ?? "", "--note", "Answered."]);
      await send(office);
      infra.write("memos/incoming/bad.md", "---\nnot: a memo\n---\n");
      leaveHalfFinished(infra);
    },
    argv: () => ["session", "start"],
    sessions: ["infra"],
    missing: (office) => [
      ...sentAndReceived(office, { least: 1, most: 1 }),
      ...count("receipts", byMonth(office.infra, "memos/archived", "done-asked-before").length, {
        least: 1,
        most: 1,
      }),
      ...uncommitted(office.infra, byMonth(office.infra, "memos/archived", "done-asked-before")),
      ...count(
        "set aside",
        office.infra.list("memos/quarantine").filter((name) => name.endsWith("bad.md")).length,
        {
          least: 1,
          most: 1,
        },
      ),
      ...uncommitted(office.infra, ["memos/quarantine/bad.md", "memos/quarantine/bad.md.reason.md"]),
    ],
  },
  {
    name: "memo check",
    at: "infra",
    prepare: async (office) => {
      await withMemoTakenIn(office);
      leaveHalfFinished(office.infra);
    },
    argv: () => ["memo", "check", "look-at-the-logs", "First"],
    sessions: ["infra"],
    missing: ({ infra }, times) => {
      const [name = ""] = found(infra, "memos/incoming");
      const text = infra.read(join("memos/incoming", name));
      const ticked = text.includes("- [x] First");
      const original = infra.git("show", `HEAD:memos/incoming/${name}`);
      return [
        ...(times.least === 1 && !ticked ? ["the box is not ticked"] : []),
        ...(text.replace("- [x] First", "- [ ] First") === original
          ? []
          : ["other bytes than the box changed"]),
      ];
    },
  },
  {
    name: "memo done",
    at: "infra",
    prepare: async (office) => {
      await withMemoTakenIn(office);
      leaveHalfFinished(office.infra);
    },
    argv: () => ["memo", "done", "look-at-the-logs", "--unfinished", "superseded"],
    sessions: ["infra", "shop"],
    missing: ({ shop, infra }, { least }) => {
      const archived = byMonth(infra, "memos/archived");
      const pending = found(infra, "memos/incoming");
      const receipts = byMonth(shop, "memos/archived", "ended-unfinished-look-at");
      const lines = [infra.read("STATE.md"), infra.git("show", "HEAD:STATE.md")].map(
        (text) => text.match(/Ended unfinished: Look at the logs/g)?.length ?? 0,
      );
      if (least === 0 && archived.length === 0)
        return [
          ...count("pending", pending.length, ONCE),
          ...count("receipts", receipts.length, { least: 0, most: 0 }),
        ];
      // Ended on disk and in no commit: whoever repeats the command ends it; until then it is still pending.
      if (least === 0 && pending.length === 1) return count("archived", archived.length, ONCE);
      return [
        ...count("archived", archived.length, ONCE),
        ...count("pending", pending.length, { least: 0, most: 0 }),
        ...count("receipts", receipts.length, ONCE),
        ...lines.flatMap((length, i) =>
          count(`lines in ${i === 0 ? "STATE.md" : "HEAD:STATE.md"}`, length, ONCE),
        ),
        ...uncommitted(infra, archived),
        ...uncommitted(shop, receipts),
      ];
    },
  },
  {
    name: "state set",
    at: "infra",
    prepare: async ({ infra }) => leaveHalfFinished(infra),
    argv: () => ["state", "set", "--next", "Rotate the logs", "--handover", "All is said."],
    sessions: ["infra"],
    missing: ({ infra }, { least }) => inState(infra, "Rotate the logs", least),
  },
  {
    name: "session end",
    at: "infra",
    prepare: async (office) => {
      await withMemoTakenIn(office);
      leaveHalfFinished(office.infra);
      await session(office, office.infra);
      const [name = ""] = found(office.infra, "memos/incoming");
      const path = `memos/incoming/${name}`;
      office.infra.write(path, office.infra.read(path).replace("- [ ] First", "- [x] First"));
    },
    argv: () => ["session", "end", "--note", "The logs are read."],
    sessions: ["infra"],
    missing: ({ infra }, { least }) => inState(infra, "The logs are read.", least),
  },
];

const ONCE: Times = { least: 1, most: 1 };

function inState(infra: Desk, words: string, least: number): string[] {
  const [now, head] = [infra.read("STATE.md"), infra.git("show", "HEAD:STATE.md")].map(
    (text) => text.split(words).length - 1,
  );
  if (least === 0 && head === 0) return now === 0 || now === 1 ? [] : [`STATE.md says it ${now} times`];
  return [
    ...(now === 1 ? [] : [`STATE.md says it ${now} times`]),
    ...(head === 1 ? [] : [`HEAD says it ${head} times`]),
  ];
}

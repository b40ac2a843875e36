import type { CommandSpec } from "../command.ts";
import { filterFlags, projectFlags } from "../memo/filter-flags.ts";

export const memoCommands: readonly CommandSpec[] = [
  {
    usage: "memo new <subject>",
    summary: "write a memo and send it: our copy is committed, then it is delivered",
    flags: [
      {
        flags: "--to <address>",
        summary: "project, role@project, or @peers for all of them",
        repeatable: true,
      },
      { flags: "--type <type>", summary: "deployment, request (default), info, security or incident" },
      { flags: "--priority <priority>", summary: "low, normal (default), high or urgent" },
      { flags: "--item <text>", summary: "an action item, as an open box", repeatable: true },
      {
        flags: "--body <text>",
        summary: "the text; - reads standard input; without it $EDITOR opens on a terminal",
      },
      { flags: "--due <day>", summary: "until when, as 2026-12-01" },
      { flags: "--from <role>", summary: "which of this project's agents writes; the first by default" },
      { flags: "--dry-run", summary: "show the memo and where it would go; write nothing" },
    ],
    examples: [
      'vibeops memo new "Rotate the API key" --to infra --item "New key in place" --body "The old one leaked."',
      'vibeops memo new "Deploy shop 1.2.0" --to sysadmin@infra --type deployment --priority high --body - < memo.md',
      'vibeops memo new "Freeze on Friday" --to @peers --type info --body "No deployments after 14:00."',
    ],
    load: async () => (await import("./memo-new.ts")).runMemoNew,
  },
  {
    usage: "memo list",
    summary: "what is pending here, the most urgent and oldest first",
    flags: [
      { flags: "--state <state>", summary: "only in this state: new, 'in progress' or ready" },
      ...filterFlags,
      { flags: "--text <text>", summary: "only those that hold this text, in any case" },
      { flags: "--archived", summary: "what was finished here instead, newest first" },
      { flags: "--sent", summary: "what was sent from here instead" },
      {
        flags: "--limit <count>",
        summary: "at most so many, 0 for all; by default all that is pending, and 50 of the others",
      },
      ...projectFlags,
    ],
    examples: [
      "vibeops memo list",
      "vibeops memo list --priority urgent --json",
      "vibeops memo list --from shop --older 7d",
      "vibeops memo list --archived --type deployment --newer 2w",
      "vibeops memo list --all --priority urgent",
      "vibeops memo list --project shop",
    ],
    load: async () => (await import("./memo-list.ts")).runMemoList,
  },
  {
    usage: "memo show <id>",
    summary: "read one memo; any unique part of its id will do",
    flags: [{ flags: "--project <peer>", summary: "of a peer that lets this project read its memos" }],
    examples: ["vibeops memo show 7k3qfp2m", "vibeops memo show deploy-shop --json"],
    load: async () => (await import("./memo-show.ts")).runMemoShow,
  },
  {
    usage: "memo check <id> <item...>",
    summary: "tick action items by number or by a part of their text; commits nothing",
    examples: ["vibeops memo check 7k3qfp2m 1 3", 'vibeops memo check 7k3qfp2m "Write the runbook"'],
    load: async () => (await import("./memo-check.ts")).runMemoCheck,
  },
  {
    usage: "memo reply <id>",
    summary: "answer a memo in its thread; needs no grant of its own",
    flags: [
      {
        flags: "--body <text>",
        summary: "the text; - reads standard input; without it $EDITOR opens on a terminal",
      },
      { flags: "--item <text>", summary: "an action item for the sender", repeatable: true },
      { flags: "--subject <text>", summary: "another subject than 'Re: …'" },
      { flags: "--type <type>", summary: "info (default), request, deployment, security or incident" },
      { flags: "--from <role>", summary: "which of this project's agents writes" },
    ],
    examples: ['vibeops memo reply 7k3qfp2m --body "Which domain?" --item "Tell us the domain"'],
    load: async () => (await import("./memo-reply.ts")).runMemoReply,
  },
  {
    usage: "memo done <id>",
    summary: "end a memo: completion notes, archive, STATE.md, receipt to the sender, one commit",
    flags: [
      { flags: "--note <text>", summary: "what was done; - reads standard input" },
      { flags: "--unfinished <why>", summary: "end it although boxes are open" },
      { flags: "--from <role>", summary: "which of this project's agents finished it" },
    ],
    examples: [
      'vibeops memo done 7k3qfp2m --note "Runbook written; two questions are open."',
      'vibeops memo done 7k3qfp2m --unfinished "superseded by 1.2.1"',
    ],
    load: async () => (await import("./memo-done.ts")).runMemoDone,
  },
  {
    usage: "memo search <words...>",
    summary: "find memos, pending, archived and sent, that hold all the words, in any case",
    flags: [
      {
        flags: "--sort <order>",
        summary: "rank (default: subject and whole words first) or date, newest first",
      },
      {
        flags: "--state <state>",
        summary: "only in this state: new, 'in progress', ready, archived or sent",
      },
      ...filterFlags,
      { flags: "--limit <count>", summary: "at most so many, 20 by default, 0 for all" },
      ...projectFlags,
    ],
    examples: [
      "vibeops memo search caddy certificate",
      'vibeops memo search "renew the certificate" --state archived --sort date',
      "vibeops memo search 1.2.0 --all --from shop --json",
    ],
    load: async () => (await import("./memo-search.ts")).runMemoSearch,
  },
  {
    usage: "memo adopt <file>",
    summary: "make a memo of a note that somebody wrote by hand; the text stays as it is",
    flags: [
      { flags: "--subject <text>", summary: "its first heading or line by default" },
      { flags: "--from <role>", summary: "who vouches for it" },
      { flags: "--type <type>", summary: "request by default" },
      { flags: "--priority <priority>", summary: "normal by default" },
    ],
    examples: [
      "vibeops memo adopt memos/incoming/note.txt",
      'vibeops memo adopt ~/idea.md --subject "Cache the images"',
    ],
    load: async () => (await import("./memo-adopt.ts")).runMemoAdopt,
  },
  {
    usage: "memo lint [memos...]",
    summary: "say what is wrong with memos, by file or id; all pending ones by default",
    examples: ["vibeops memo lint", "vibeops memo lint memos/incoming/*.md"],
    load: async () => (await import("./memo-lint.ts")).runMemoLint,
  },
];

import type { Flag } from "../command.ts";

/** The flags that every list of memos has. */
export const filterFlags: readonly Flag[] = [
  { flags: "--from <address>", summary: "only from this project or role@project" },
  { flags: "--to <address>", summary: "only to this project or role@project" },
  { flags: "--priority <priority>", summary: "only of this priority" },
  { flags: "--type <type>", summary: "only of this type" },
  { flags: "--older <age>", summary: "only older than this: 12h, 7d, 2w" },
  { flags: "--newer <age>", summary: "only newer than this" },
];

/** Whose memos: without either, those of the project here. */
export const projectFlags: readonly Flag[] = [
  { flags: "--all", summary: "of all the projects of your list (vibeops projects), and of this one" },
  { flags: "--project <peer>", summary: "of a peer that lets this project read its memos" },
];

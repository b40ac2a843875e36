import { execFileSync } from "node:child_process";
import type { Hub } from "./apart.ts";

export interface Craft {
  /** Whose ref. */
  sender: string;
  sequence: number;
  /** A private key to sign with; unsigned without one. */
  key?: string | undefined;
  /** Lines for `git mktree` below `to/<receiver>`: mode, kind, bytes (or an object's id), name. */
  entries?: readonly {
    mode?: string;
    kind?: string;
    bytes?: Uint8Array | string;
    id?: string;
    name: string;
  }[];
  receiver?: string;
  message?: string;
}

/** Puts a commit on a sender's ref as somebody who may push to the repository, and need not use vibeops, would. */
export function craftHead(hub: Hub, craft: Craft): string {
  const { sender, sequence, key, entries = [], receiver = "infra" } = craft;
  const input = (args: readonly string[], text: Uint8Array | string) =>
    execFileSync("git", args, {
      cwd: hub.path,
      input: text,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...identity, PATH: process.env.PATH ?? "", HOME: hub.directory },
    }).trim();
  const lines = entries.map(({ mode = "100644", kind = "blob", bytes = "", id, name }) => {
    return `${mode} ${kind} ${id ?? input(["hash-object", "-w", "--stdin"], bytes)}\t${name}\0`;
  });
  const files = input(["mktree", "-z", "--missing"], lines.join(""));
  const to = input(["mktree"], `040000 tree ${files}\t${receiver}\n`);
  const root = input(["mktree"], `040000 tree ${to}\tto\n`);
  const sign = key === undefined ? [] : ["-S"];
  const settings = key === undefined ? [] : ["-c", "gpg.format=ssh", "-c", `user.signingKey=${key}`];
  const message = craft.message ?? `Mail of ${sender}\n\nsequence: ${sequence}\n`;
  const commit = input([...settings, "commit-tree", ...sign, root], message);
  hub.git("update-ref", `refs/heads/vibeops/mail/${sender}`, commit);
  return commit;
}

const identity = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "x",
  GIT_AUTHOR_EMAIL: "x@example.com",
  GIT_COMMITTER_NAME: "x",
  GIT_COMMITTER_EMAIL: "x@example.com",
};

/** A memo's text as its sender would write it. */
export function memoText(id: string, from = "shop", to = "infra", type = "info"): string {
  return `---\nid: ${id}\nfrom: ${from}\nto: ${to}\ntype: ${type}\nsubject: Look\n---\n\nWords.\n`;
}

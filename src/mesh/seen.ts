import { mkdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { readIfExists, writeFileDurably } from "../platform/files.ts";
import { withLock } from "../platform/lock.ts";
import { stateDirectory } from "../platform/person.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { MailRemote } from "./mail-remote.ts";

const headSchema = z.strictObject({ head: z.string(), sequence: z.int().check(z.minimum(0)) });

const seenSchema = z.strictObject({
  url: z.string(),
  /** Our own ref as we last wrote or found it. */
  own: z.nullable(headSchema),
  peers: z.record(
    z.string(),
    z.extend(headSchema, {
      /** Every memo for us on that head is acknowledged as taken: it need not be fetched again. */
      settled: z.boolean(),
      /** Of our own memos, what that head acknowledges: `<blob> <name>`. */
      taken: z.array(z.string()),
      /** And what it says was set aside, with the reason: `<blob> <name> <code>`. */
      refused: z._default(z.array(z.string()), []),
    }),
  ),
});

/**
 * What this machine saw last on one remote, for one project. It lies in the person's state folder, so that neither a
 * server nor an agent can make an old head look new; without it, everything is looked at as for the first time.
 */
export interface Seen extends Omit<z.output<typeof seenSchema>, "peers"> {
  /** By name, which a peer may have in common with what every object has: no object is asked for it. */
  readonly peers: ReadonlyMap<string, SeenPeer>;
}
export type SeenPeer = z.output<typeof seenSchema>["peers"][string];

function seenFile(identity: string, remote: MailRemote, env: Context["env"]): string {
  return join(stateDirectory(env), "mesh", identity, `${remote.key}.json`);
}

export function noteAnswers(answers: readonly Acknowledgement[]): Pick<SeenPeer, "taken" | "refused"> {
  return {
    taken: answers.flatMap(({ name, blob, refused }) => (refused === null ? [`${blob} ${name}`] : [])),
    refused: answers.flatMap(({ name, blob, refused }) =>
      refused === null ? [] : [`${blob} ${name} ${refused}`],
    ),
  };
}

export function answersIn(peer: SeenPeer | undefined): Acknowledgement[] {
  return [...(peer?.taken ?? []), ...(peer?.refused ?? [])].map((line) => {
    const [blob = "", name = "", refused = null] = line.split(" ");
    return { blob, name, refused };
  });
}

/** @throws VibeopsError `mesh.state` */
export function readSeen(identity: string, remote: MailRemote, env: Context["env"]): Seen {
  const file = seenFile(identity, remote, env);
  const bytes = readIfExists(file);
  if (bytes === null) return { url: remote.url, own: null, peers: new Map() };
  try {
    const { peers, ...seen } = seenSchema.parse(JSON.parse(bytes.toString("utf8")));
    return { ...seen, peers: new Map(Object.entries(peers)) };
  } catch (cause) {
    throw new VibeopsError({
      code: "mesh.state",
      exit: Exit.humanNeeded,
      message: "this note of what was seen last cannot be read",
      file,
      fix: "delete it: old heads are then not told from new ones this once",
      cause,
    });
  }
}

/** Adds to what was seen; another sync of this project may have done so meanwhile, and the newer head stays. */
export async function noteSeen(
  identity: string,
  remote: MailRemote,
  env: Context["env"],
  found: Pick<Seen, "own" | "peers">,
): Promise<void> {
  const file = seenFile(identity, remote, env);
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  await withLock(file, () => {
    const before = readSeen(identity, remote, env);
    const own = newer(before.own, found.own);
    const peers = new Map(before.peers);
    for (const [name, peer] of found.peers) peers.set(name, newer(peers.get(name) ?? null, peer) ?? peer);
    const after = documentOf({ url: remote.url, own, peers });
    if (JSON.stringify(after) === JSON.stringify(documentOf(before))) return;
    writeFileDurably(file, Buffer.from(`${JSON.stringify(after, null, 2)}\n`), 0o600);
  });
}

function documentOf({ url, own, peers }: Seen): z.input<typeof seenSchema> {
  return { url, own, peers: Object.fromEntries(peers) };
}

function newer<T extends { sequence: number }>(before: T | null, found: T | null): T | null {
  if (before === null || found === null) return before ?? found;
  return found.sequence >= before.sequence ? found : before;
}

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import * as z from "zod/mini";
import { Exit, VibeopsError } from "../../errors.ts";
import { readInbox } from "../../memo/mailbox.ts";
import { readIfExists } from "../../platform/files.ts";
import { decodeText } from "../../text/decode.ts";
import { readYaml } from "../../text/yaml-own.ts";
import type { Told } from "./next-steps.ts";

/** Only a folder with this file in it is ever deleted. */
const MARKER = ".vibeops-demo";

const HEAD = "# Made by `vibeops demo`. This folder may be deleted at any time.\n";

const playedSchema = z.strictObject({ runbook: z.string(), port: z.int() });

/** A demo that was played up to the place where a person decides. */
export type PlayedDemo = z.output<typeof playedSchema>;

/**
 * What of a demo is in this folder: `none` where there is none yet, `unfinished` where one was cut off.
 *
 * @throws VibeopsError `demo.exists` (exit 7) where the folder is somebody else's
 */
export function findDemo(directory: string): PlayedDemo | "none" | "unfinished" {
  if (!existsSync(directory)) return "none";
  const file = join(directory, MARKER);
  const bytes = readIfExists(file);
  if (bytes === null && readdirSync(directory).length === 0) return "none";
  if (bytes === null) {
    throw new VibeopsError({
      code: "demo.exists",
      exit: Exit.conflict,
      message: "this folder exists and is not the demo's",
      file: directory,
      fix: "name another folder: vibeops demo DIR",
    });
  }
  try {
    return readYaml(decodeText(bytes, file), playedSchema, file).value;
  } catch (error) {
    if (error instanceof VibeopsError) return "unfinished";
    throw error;
  }
}

/** Makes the folder ours. */
export function markDemo(directory: string): void {
  writeFileSync(join(directory, MARKER), HEAD);
}

/** Notes that the demo was played to where a person decides. */
export function finishDemo(directory: string, played: PlayedDemo): void {
  writeFileSync(join(directory, MARKER), HEAD + stringify(played));
}

/**
 * Whom the end of the story has reached: the shop has answered once nothing of the office waits there, and the office
 * knows once it has taken in what the shop wrote then.
 */
export function whoIsTold(directory: string, now: Date): Told {
  const isDone = (name: string, sender: string) =>
    readInbox(join(directory, name), now).memos.every(({ memo }) => memo.from.project !== sender);
  const shop = isDone("shop", "office");
  return { shop, office: shop && isDone("office", "shop") };
}

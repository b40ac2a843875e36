import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { OUTGOING, readMemoFile } from "../memo/mailbox.ts";
import { listQueue } from "../memo/queue.ts";
import type { Project } from "../project/project.ts";
import type { Outgoing } from "./link.ts";

/** What waits in the queue for peers with a git address. What cannot be read is for the queue's own report. */
export function readOutgoing(project: Project, now: Date): Outgoing[] {
  return listQueue(project).flatMap((name): Outgoing[] => {
    try {
      const { memo } = readMemoFile(join(project.root, OUTGOING, name), name, now);
      const peer = memo.to.project;
      if (project.config.peers[peer]?.git === undefined) return [];
      return [{ peer, name, bytes: Buffer.from(memo.text) }];
    } catch (error) {
      if (error instanceof VibeopsError) return [];
      throw error;
    }
  });
}

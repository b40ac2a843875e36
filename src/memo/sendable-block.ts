import { VibeopsError } from "../errors.ts";
import { readDeployment } from "./deployment.ts";
import type { PlannedMemo } from "./send.ts";

/**
 * Refuses to send a deployment memo without a block, or with one that its receiver could not read: here it can be
 * mended, and there only by another memo.
 *
 * @throws VibeopsError `deployment.…`
 */
export function requireSendableBlocks(planned: readonly PlannedMemo[]): void {
  for (const memo of planned) {
    try {
      readDeployment({ text: memo.bytes.toString("utf8") }, memo.name);
    } catch (error) {
      if (!(error instanceof VibeopsError) || error.code !== "deployment.missing") throw error;
      throw new VibeopsError({
        code: error.code,
        exit: error.exit,
        message:
          "a deployment memo says what is deployed in a block, and this one has none; nothing was sent",
        fix: `${error.fix}; what is to be talked over first goes as type request`,
      });
    }
  }
}

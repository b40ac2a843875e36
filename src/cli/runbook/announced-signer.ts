import { VibeopsError } from "../../errors.ts";
import { type SignBytes, terminalSigner } from "../../runbook/sign.ts";
import { trustPaths } from "../../runbook/trust.ts";
import type { Io } from "../io.ts";

/** How often a mistyped passphrase may be typed: whoever signs has read many pages, which are not to be read again for it. */
const TRIES = 3;

/** Signs with the person's key, and says so just before: after everything else was checked. */
export function announcedSigner(io: Io, announcement: string): SignBytes {
  const { env } = io.context;
  const sign = terminalSigner(trustPaths(env).key, env);
  return async (bytes, namespace) => {
    io.stdout.write(`${announcement}\n`);
    for (let left = TRIES - 1; ; left -= 1) {
      try {
        return await sign(bytes, namespace);
      } catch (error) {
        if (left === 0 || !(error instanceof VibeopsError) || error.code !== "sign.failed") throw error;
        io.stdout.write(`The key was not opened. Once more (Ctrl-C stops, and nothing is signed):\n`);
      }
    }
  };
}

import { type SignBytes, terminalSigner } from "../../runbook/sign.ts";
import { trustPaths } from "../../runbook/trust.ts";
import type { Io } from "../io.ts";

/** Signs with the person's key, and says so just before: after everything else was checked. */
export function announcedSigner(io: Io, announcement: string): SignBytes {
  const { env } = io.context;
  const sign = terminalSigner(trustPaths(env).key, env);
  return async (bytes, namespace) => {
    io.stdout.write(`${announcement}\n`);
    return await sign(bytes, namespace);
  };
}

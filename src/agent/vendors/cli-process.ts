import { createInterface } from "node:readline";
import { startProcess } from "../../platform/attended-process.ts";
import type { Context } from "../../platform/context.ts";
import { runProcess } from "../../platform/process.ts";
import type { ProcessResult } from "../../platform/process-result.ts";
import { redactSecrets } from "../../text/secrets.ts";
import type { Vendor } from "./vendor.ts";

const begin = "Begin with the brief that your session started with, and work on what waits.";

const talking: Readonly<Record<Vendor, readonly string[]>> = {
  claude: [begin],
  codex: [begin],
  gemini: ["--prompt-interactive", begin],
};

/** Each vendor's own form for a run that nobody sits at: what would need a person's yes is refused there. */
const alone: Readonly<Record<Vendor, readonly string[]>> = {
  claude: ["--print", begin],
  codex: ["exec", begin],
  gemini: ["--prompt", begin],
};

interface Place {
  readonly cwd: string;
  readonly env: Context["env"];
}

/** The CLI takes over our terminal until it ends. @throws VibeopsError `process.missing` */
export async function runAtTerminal(vendor: Vendor, place: Place): Promise<ProcessResult> {
  return await runProcess(vendor, talking[vendor], { ...place, inherit: true });
}

/**
 * The CLI without a terminal, with nothing on its standard input; nothing of what it prints reaches our own streams.
 *
 * @param hear is given each line that it prints, on either stream, with secrets taken out
 * @throws VibeopsError `process.missing`
 */
export async function runHeadless(
  vendor: Vendor,
  place: Place,
  hear: (line: string) => void,
  signal?: AbortSignal,
): Promise<ProcessResult> {
  const child = startProcess(vendor, alone[vendor], place);
  child.stdin.end();
  const stop = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", stop, { once: true });
  const listening = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface({ input: stream })) hear(redactSecrets(line));
  });
  try {
    await Promise.all(listening);
    return await child.done;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

/** Bundles the soak's child program for a test that starts it. Returns its path. */
export async function bundleSoakChild(folder: string): Promise<string> {
  const file = join(folder, "child.mjs");
  await build({
    input: fileURLToPath(new URL("./child.ts", import.meta.url)),
    platform: "node",
    logLevel: "silent",
    output: { file, format: "esm", codeSplitting: false },
  });
  return file;
}

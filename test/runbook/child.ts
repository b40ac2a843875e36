import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

/** Bundles a program of a test, so that Node runs it in a process of its own. Returns its path. */
export async function bundleChild(name: string, folder: string): Promise<string> {
  const file = join(folder, `${name}.mjs`);
  await build({
    input: fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
    platform: "node",
    // Screens wait at their top level, which one file cannot; no test looks at one here.
    external: /\.tsx$/,
    logLevel: "silent",
    output: { file, format: "esm", codeSplitting: false },
  });
  return file;
}

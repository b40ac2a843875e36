// What the programs that measure share.
import { join } from "node:path";
import { rolldown } from "rolldown";

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Bundles a fixture with the sources that it makes its files with, into this folder, and imports it. */
export async function importFixture(input, directory) {
  const bundle = await rolldown({ input, platform: "node", logLevel: "silent" });
  const file = join(directory, "fixture.mjs");
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
  return await import(file);
}

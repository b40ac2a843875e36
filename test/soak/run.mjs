// Bundles the soak tests with the sources that they test, and runs them: `npm run soak -- [part…]`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const folder = mkdtempSync(join(tmpdir(), "vibeops-soak-bundle-"));
const input = Object.fromEntries(
  ["soak", "child"].map((name) => [name, fileURLToPath(new URL(`./${name}.ts`, import.meta.url))]),
);
try {
  await build({
    input,
    platform: "node",
    logLevel: "silent",
    output: { dir: folder, format: "esm", entryFileNames: "[name].mjs" },
  });
  const { status } = spawnSync(process.execPath, [join(folder, "soak.mjs"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}

// Bundles src/ into dist/: one entry for the command, one for programs that import us, and shared chunks that
// load when a command needs them. Dependencies are bundled too: opening hundreds of small files costs more
// than running them (docs/dependencies.md has the figures).
import { readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const manifest = JSON.parse(await readFile("package.json", "utf8"));

await rm("dist", { recursive: true, force: true });
await build({
  entryPoints: { main: "src/cli/main.ts", index: "src/index.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  chunkNames: "parts/[name]-[hash]",
  define: { VIBEOPS_VERSION: JSON.stringify(manifest.version) },
  // CommonJS dependencies ask for Node's own modules with require, which ESM does not have.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
  // gray-matter carries an eval for JavaScript front matter; text/front-matter.ts replaces every engine.
  logOverride: { "direct-eval": "silent" },
});

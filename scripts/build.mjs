// Bundles src/ into dist/: one entry for the command, one for programs that import us, and parts that load when a
// command needs them. Dependencies are bundled too, and what every command needs is one file: opening many small
// files costs more than running them (docs/dependencies.md has the figures).
import { readFile, rm } from "node:fs/promises";
import { rolldown } from "rolldown";

const manifest = JSON.parse(await readFile("package.json", "utf8"));

/** Takes out of a dependency what we never call and what would cost every run, or should not be there at all. */
const trimDependencies = {
  name: "trim-dependencies",
  load(id) {
    // An old js-yaml with esprima, and an eval, for engines that text/front-matter.ts replaces one and all.
    return /gray-matter[/\\]lib[/\\]engines\.js$/.test(id) ? "module.exports = {};" : null;
  },
  transform(code, id) {
    // Only subcommands that are programs of their own need it, and it takes as long to load as all of commander.
    if (!/commander[/\\]lib[/\\]command\.js$/.test(id)) return null;
    const needless = "require('node:child_process')";
    if (!code.includes(needless)) throw new Error(`commander no longer says ${needless}`);
    return code.replace(needless, "{}");
  },
};

const common = {
  platform: "node",
  transform: { target: "node20.19", define: { VIBEOPS_VERSION: JSON.stringify(manifest.version) } },
  plugins: [trimDependencies],
  logLevel: "warn",
};
const output = { dir: "dist", minify: true, comments: { legal: false } };

/** The modules that a command loads. */
async function modulesOf(command) {
  const bundle = await rolldown({ ...common, input: ["src/cli/main.ts", `src/cli/commands/${command}.ts`] });
  const { output: chunks } = await bundle.generate({ format: "cjs" });
  await bundle.close();
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const found = new Set();
  const visit = (chunk) => {
    if (chunk === undefined || found.has(chunk)) return;
    found.add(chunk);
    for (const name of chunk.imports ?? []) visit(byName.get(name));
  };
  for (const chunk of chunks) if (chunk.isEntry) visit(chunk);
  return new Set([...found].flatMap((chunk) => chunk.moduleIds));
}

await rm("dist", { recursive: true, force: true });
// Nearly every run needs what listing memos loads. Status has one file more, and not one for each of its modules.
const core = await modulesOf("memo-list");
const status = await modulesOf("status");

// CommonJS for the command: it is read without waiting, where each ES module costs a round through the event loop.
const command = await rolldown({
  ...common,
  input: { main: "src/cli/main.ts" },
  preserveEntrySignatures: "allow-extension",
});
await command.write({
  ...output,
  format: "cjs",
  entryFileNames: "[name].cjs",
  chunkFileNames: (chunk) => (chunk.name === "core" ? "core.cjs" : "parts/[name]-[hash].cjs"),
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [
      { name: "core", test: (id) => core.has(id) || /rolldown.runtime/.test(id) },
      { name: "status", test: (id) => status.has(id) },
    ],
  },
});
await command.close();

const library = await rolldown({ ...common, input: { index: "src/index.ts" } });
await library.write({ ...output, format: "esm", chunkFileNames: "library/[name]-[hash].js" });
await library.close();

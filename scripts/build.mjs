// Bundles src/ into dist/: one entry for the command, one for programs that import us, and parts that load when a
// command needs them. Dependencies are bundled too, and what every command needs is one file: opening many small
// files costs more than running them (docs/dependencies.md has the figures).
import { readFile, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { rolldown } from "rolldown";

const manifest = JSON.parse(await readFile("package.json", "utf8"));

/** Takes out of a dependency what we never call and what would cost every run, or should not be there at all. */
const trimDependencies = {
  name: "trim-dependencies",
  load(id) {
    // For whoever develops Ink itself.
    if (/ink[/\\]build[/\\]devtools\.js$/.test(id)) return "";
    // An old js-yaml with esprima, and an eval, for engines that text/front-matter.ts replaces one and all.
    return /gray-matter[/\\]lib[/\\]engines\.js$/.test(id) ? "module.exports = {};" : null;
  },
  transform(code, id) {
    if (/js-yaml[/\\]dist[/\\]js-yaml\.mjs$/.test(id)) return onlyWhereUsed(code, this.parse(code));
    // Only subcommands that are programs of their own need it, and it takes as long to load as all of commander.
    if (!/commander[/\\]lib[/\\]command\.js$/.test(id)) return null;
    const needless = "require('node:child_process')";
    if (!code.includes(needless)) throw new Error(`commander no longer says ${needless}`);
    return code.replace(needless, "{}");
  },
};

/**
 * Of js-yaml we read events alone. That what it makes at its top level (schemas, tags, patterns, default options) does
 * nothing else, the bundler is told here: then it leaves out what nobody uses, which is half of it.
 */
function onlyWhereUsed(code, { body }) {
  const made = body
    .flatMap((statement) => (statement.type === "VariableDeclaration" ? statement.declarations : []))
    .filter(({ init }) => /^(?:New|Call|Object)Expression$/.test(init?.type))
    .map(({ init }) => init);
  return made.reduceRight(
    (text, { start, end }) =>
      `${text.slice(0, start)}/* @__PURE__ */ (() => (${text.slice(start, end)}))()${text.slice(end)}`,
    code,
  );
}

/** Screens are a bundle of their own, ES modules: Ink waits at its top level, which CommonJS cannot. */
const screensApart = {
  name: "screens-apart",
  resolveId(source, importer) {
    const [, screen] = /\/ui\/([\w-]+)\.tsx$/.exec(source) ?? [];
    if (screen === undefined || importer === undefined) return null;
    return { id: `../dist/screens/${screen}.js`, external: true };
  },
  renderChunk: (code) =>
    code.replaceAll(/\bimport\((?=["'`]\.\.\/dist\/)/g, 'require("../../bin/import-module.js")('),
};

/**
 * As bin/vibeops.js loads it: wrapped, as `require` would wrap each, and ASCII. A text of one byte for each character is
 * half as long in memory, and is read without decoding. Other characters stand in strings, patterns and templates
 * only, where each may be spelt out.
 */
const readyToLoad = {
  name: "ready-to-load",
  generateBundle(_options, bundle) {
    const spell = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== "chunk") continue;
      const code = chunk.code.replaceAll(/[^\0-\x7f]/g, spell);
      chunk.code = `(function (exports, require, module, __filename, __dirname) { ${code}\n})`;
    }
  },
};

const common = {
  platform: "node",
  resolve: {
    alias: {
      // Its other form finds its parts in a way that no bundler sees.
      "jsonc-parser": "jsonc-parser/lib/esm/main.js",
      // As ES modules, of which only what is used comes along.
      yaml: resolve("node_modules/yaml/browser/dist/index.js"),
    },
  },
  transform: { target: "node20.19", define: { VIBEOPS_VERSION: JSON.stringify(manifest.version) } },
  plugins: [trimDependencies],
  logLevel: "warn",
};
const output = { dir: "dist", minify: true, comments: { legal: false } };

/** What each file loads at once, before it asks for anything else; all of them bundled together to find out. */
async function readGraph(entries) {
  const bundle = await rolldown({ ...common, plugins: [...common.plugins, screensApart], input: entries });
  const { output: chunks } = await bundle.generate({ format: "cjs" });
  await bundle.close();
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const visit = (chunk, found) => {
    if (chunk === undefined || found.has(chunk)) return found;
    found.add(chunk);
    for (const name of chunk.imports ?? []) visit(byName.get(name), found);
    return found;
  };
  const entryOf = (file) =>
    chunks.find(({ isEntry, facadeModuleId }) => isEntry && facadeModuleId === resolve(file));
  return (...files) => {
    const found = files.flatMap((file) => [...visit(entryOf(file), new Set())]);
    return new Set(found.flatMap((chunk) => chunk.moduleIds));
  };
}

await rm("dist", { recursive: true, force: true });
// Nearly every run needs what listing memos loads. Status and the start of a session, which runs before each of an
// agent's, have one file more, and not one for each of their modules.
const main = "src/cli/main.ts";
const commands = "src/cli/commands";
const starts = {
  list: `${commands}/memo-list.ts`,
  status: `${commands}/status.ts`,
  session: `${commands}/session-start.ts`,
  run: `${commands}/runbook-run.ts`,
  rehearsal: "src/cli/runbook/rehearse.ts",
  guard: "src/cli/guard.ts",
};
const modulesOf = await readGraph([main, ...Object.values(starts)]);
const core = modulesOf(main, starts.list);
const status = modulesOf(main, starts.status);
const session = modulesOf(main, starts.session);
const gate = modulesOf(main, starts.run, starts.rehearsal);

// CommonJS for the command: it is read without waiting, where each ES module costs a round through the event loop.
const command = await rolldown({
  ...common,
  plugins: [...common.plugins, screensApart, readyToLoad],
  input: { main, thread: "src/cli/thread.ts" },
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
      { name: "session", test: (id) => session.has(id) },
      { name: "gate", test: (id) => gate.has(id) },
    ],
  },
});
await command.close();

// By itself: what it shares with the command is in it a second time, so that judging loads this one file.
const judging = modulesOf(starts.guard);
const guard = await rolldown({
  ...common,
  plugins: [...common.plugins, readyToLoad],
  input: { guard: "src/cli/guard.ts" },
  preserveEntrySignatures: "allow-extension",
});
await guard.write({
  ...output,
  format: "cjs",
  entryFileNames: "[name].cjs",
  chunkFileNames: (chunk) => (chunk.name === "core" ? "guard-core.cjs" : "parts/guard-[name]-[hash].cjs"),
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [{ name: "core", test: (id) => judging.has(id) || /rolldown.runtime/.test(id) }],
  },
});
await guard.close();

const screens = await rolldown({
  ...common,
  input: { "session-screen": "src/ui/session-screen.tsx" },
  transform: {
    ...common.transform,
    define: {
      ...common.transform.define,
      "process.env.NODE_ENV": '"production"',
      "process.env.DEV": '"false"',
    },
  },
});
await screens.write({ ...output, dir: "dist/screens", format: "esm", chunkFileNames: "[name]-[hash].js" });
await screens.close();

const library = await rolldown({ ...common, input: { index: "src/index.ts" } });
await library.write({ ...output, format: "esm", chunkFileNames: "library/[name]-[hash].js" });
await library.close();

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

/** What reads mail and prints it is needed by nearly every run, and is one file. */
const CORE = [
  /[/\\]src[/\\]errors\.ts$/,
  /[/\\]src[/\\]cli[/\\](io|program|program-name|usage|commands|command|outcome|style|render-error)\.ts$/,
  /[/\\]src[/\\]cli[/\\]commands[/\\](memo|runbook|session|project|memo-list)\.ts$/,
  /[/\\]src[/\\]memo[/\\](address|checklist|file-name|list|mailbox|memo|memo-header|priority|time)\.ts$/,
  /[/\\]src[/\\]platform[/\\](files|ids|random-suffix)\.ts$/,
  /[/\\]src[/\\]project[/\\](discovery|names|memo-types)\.ts$/,
  /[/\\]src[/\\]text[/\\](?!yaml-own|schema-issues|diff|template|secrets|flags|confusables|hidden-markup|link-|padding)/,
  /[/\\]node_modules[/\\](commander|js-yaml|gray-matter|kind-of|section-matter|extend-shallow|is-extendable|strip-bom-string)[/\\]/,
];

const common = {
  platform: "node",
  transform: { target: "node20.19", define: { VIBEOPS_VERSION: JSON.stringify(manifest.version) } },
  plugins: [trimDependencies],
  logLevel: "warn",
};
const output = { dir: "dist", minify: true, comments: { legal: false } };

await rm("dist", { recursive: true, force: true });

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
  chunkFileNames: "parts/[name]-[hash].cjs",
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [{ name: "core", test: (id) => CORE.some((pattern) => pattern.test(id)) }],
  },
});
await command.close();

const library = await rolldown({ ...common, input: { index: "src/index.ts" } });
await library.write({ ...output, format: "esm", chunkFileNames: "library/[name]-[hash].js" });
await library.close();

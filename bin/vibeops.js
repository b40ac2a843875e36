#!/usr/bin/env node
"use strict";

// All in one file: each further one would cost the guard, which runs before every command of an agent, a millisecond.
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { Script } = require("node:vm");

const dist = join(__dirname, "../dist");

function run(argv) {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    // Before anything else is loaded: scripts ask for it again and again.
    process.stdout.on("error", (error) => {
      if (error.code === "EPIPE") return;
      process.exitCode = 1;
      process.stderr.write(`error: the version could not be written to standard output: ${error.message}\n`);
    });
    process.stdout.write(`${require("../package.json").version}\n`);
  } else if (argv.length === 3 && argv[0] === "guard" && argv[1] === "--hook") {
    // It comes without the rest; if it breaks, nothing may run.
    try {
      // Its answer is written by then, and to end in order would only take time.
      load(join(dist, "guard.cjs"))
        .main(argv[2])
        .then(() => process.exit(), refuse);
    } catch (error) {
      refuse(error);
    }
  } else {
    load(join(dist, "main.cjs")).main(argv, join(__dirname, "thread.js"));
  }
}

function refuse(error) {
  process.exitCode = 2;
  process.stderr.write(`vibeops guard: denied, since the guard itself is broken: ${error.message}\n`);
}

/** What was loaded of dist/, by its file. */
const loaded = new Map();

/**
 * Loads a file of dist/ with the code that V8 compiled when the package was built, from the `.cache` beside it. V8
 * refuses code of another version or of other text, and a cache may be missing: then it compiles anew, as `require`
 * does. The caches lie with the program and are as trustworthy as the program is; in a temporary or a home folder
 * others could choose what runs.
 *
 * The files are CommonJS that is wrapped already, all ASCII, and name each other by whole relative paths: Node.js's own
 * `require` would look for each of them, and for what kind of module it is.
 *
 * @param {string} file absolute
 * @param {(file: string, script: Script) => void} [onLoad] for whoever makes the caches
 */
function load(file, onLoad) {
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(file, module);
  // In one go: asked for text, Node.js reads 8 KB at a time.
  const source = readFileSync(file).latin1Slice();
  const script = new Script(source, { filename: file, cachedData: readCache(file) });
  const folder = dirname(file);
  const requireFrom = (id) => {
    if (!id.startsWith(".")) return require(id);
    return id.endsWith(".cjs") ? load(join(folder, id), onLoad) : require(join(folder, id));
  };
  try {
    script.runInThisContext()(module.exports, requireFrom, module, file, folder);
  } catch (error) {
    loaded.delete(file);
    throw error;
  }
  onLoad?.(file, script);
  return module.exports;
}

function readCache(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

if (require.main === module) run(process.argv.slice(2));

/** For whoever makes the caches, and for further threads. */
module.exports = { load };

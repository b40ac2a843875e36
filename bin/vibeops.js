#!/usr/bin/env node
"use strict";

// All in one file: each further one would cost the guard, which runs before every command of an agent, a millisecond.
const { readFileSync } = require("node:fs");
const { dirname } = require("node:path");
const { Script } = require("node:vm");

function run(argv) {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    // Before anything else is loaded: scripts ask for it again and again.
    process.stdout.write(`${require("../package.json").version}\n`);
  } else if (argv.length === 3 && argv[0] === "guard" && argv[1] === "--hook") {
    // It comes without the rest; if it breaks, nothing may run.
    try {
      loadCompiled();
      // Its answer is written by then, and to end in order would only take time.
      require("../dist/guard.cjs")
        .main(argv[2])
        .then(() => process.exit(), refuse);
    } catch (error) {
      refuse(error);
    }
  } else {
    loadCompiled();
    require("../dist/main.cjs").main(argv, `${__dirname}/thread.js`);
  }
}

function refuse(error) {
  process.exitCode = 2;
  process.stderr.write(`vibeops guard: denied, since the guard itself is broken: ${error.message}\n`);
}

/**
 * From here on `.cjs` files, and in dist/ there are no others, load with the code that V8 compiled when the package was
 * built, from the `.cache` beside each. V8 refuses code of another version or of other text, and a cache may be
 * missing: then it compiles anew, as `require` does. The caches lie with the program and are as trustworthy as the
 * program is; in a temporary or a home folder others could choose what runs.
 *
 * @param {(file: string, script: Script) => void} [onLoad] for whoever makes the caches
 */
function loadCompiled(onLoad) {
  require.extensions[".cjs"] = (loaded, file) => {
    // In one go: asked for text, Node.js reads 8 KB at a time. What is in dist/ is all ASCII.
    const source = readFileSync(file).latin1Slice();
    const wrapped = `(function (exports, require, module, __filename, __dirname) { ${source}\n})`;
    const script = new Script(wrapped, { filename: file, cachedData: readCache(file) });
    const run = script.runInThisContext();
    run.call(loaded.exports, loaded.exports, (id) => loaded.require(id), loaded, file, dirname(file));
    onLoad?.(file, script);
  };
}

function readCache(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

if (require.main === module) run(process.argv.slice(2));

/** For whoever makes the caches. */
module.exports = { loadCompiled };

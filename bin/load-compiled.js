"use strict";

const { readFileSync } = require("node:fs");
const { dirname } = require("node:path");
const { Script } = require("node:vm");

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

module.exports = { loadCompiled };

"use strict";

const { readFileSync } = require("node:fs");
const { createRequire, Module } = require("node:module");
const { dirname } = require("node:path");
const { Script } = require("node:vm");

/**
 * Loads a CommonJS file with the code that V8 compiled when the package was built, from the `.cache` beside it. V8
 * refuses code of another version or of other text, and a cache may be missing: then it compiles anew, as `require`
 * does. The cache lies with the program and is as trustworthy as the program is; one in a temporary or a home folder
 * would let others choose what runs.
 *
 * @returns the script, for whoever makes the cache
 */
function loadCompiled(file) {
  const source = readFileSync(file, "utf8");
  const wrapped = `(function (exports, require, module, __filename, __dirname) { ${source}\n})`;
  const script = new Script(wrapped, { filename: file, cachedData: readCache(file) });
  const loaded = new Module(file, null);
  loaded.filename = file;
  const nested = createRequire(file);
  nested.cache[file] = loaded;
  script.runInThisContext().call(loaded.exports, loaded.exports, nested, loaded, file, dirname(file));
  loaded.loaded = true;
  return script;
}

function readCache(file) {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

module.exports = { loadCompiled };

#!/usr/bin/env node
"use strict";

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  // Before anything else is loaded: scripts ask for it again and again.
  process.stdout.write(`${require("../package.json").version}\n`);
} else {
  require("./load-compiled.js").loadCompiled();
  require("../dist/main.cjs").main(argv);
}

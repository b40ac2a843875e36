#!/usr/bin/env node
"use strict";

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  // Before anything else is loaded: scripts ask for it again and again.
  process.stdout.write(`${require("../package.json").version}\n`);
} else if (argv.length === 3 && argv[0] === "guard" && argv[1] === "--hook") {
  // Runs before every command of an agent, so it comes without the rest; if it breaks, nothing may run.
  try {
    require("./load-compiled.js").loadCompiled();
    require("../dist/guard.cjs").main(argv[2]).catch(refuse);
  } catch (error) {
    refuse(error);
  }
} else {
  require("./load-compiled.js").loadCompiled();
  require("../dist/main.cjs").main(argv);
}

function refuse(error) {
  process.exitCode = 2;
  process.stderr.write(`vibeops guard: denied, since the guard itself is broken: ${error.message}\n`);
}

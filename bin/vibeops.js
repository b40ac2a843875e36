#!/usr/bin/env node
"use strict";

require("./load-compiled.js").loadCompiled();
require("../dist/main.cjs").main(process.argv.slice(2));

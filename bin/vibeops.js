#!/usr/bin/env node
"use strict";

const { join } = require("node:path");
const { loadCompiled } = require("./load-compiled.js");

const dist = join(__dirname, "../dist");
require(join(dist, "main.cjs")).main(process.argv.slice(2), () => loadCompiled(join(dist, "core.cjs")));

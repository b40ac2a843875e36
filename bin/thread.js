"use strict";

// A further thread of a command that has much to read: one task, one answer (src/cli/threads.ts).
const { parentPort, workerData } = require("node:worker_threads");

require("./vibeops.js").loadCompiled();
parentPort.postMessage(require("../dist/thread.cjs").answer(workerData));

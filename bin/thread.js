"use strict";

// A further thread of a command that has much to read: one task, one answer (src/cli/threads.ts).
const { join } = require("node:path");
const { parentPort, workerData } = require("node:worker_threads");

const { answer } = require("./vibeops.js").load(join(__dirname, "../dist/thread.cjs"));
parentPort.postMessage(answer(workerData));

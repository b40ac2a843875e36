"use strict";

// A further thread of a command that has much to read: one task, one answer (src/cli/threads.ts). Where it fails, the
// thread ends without one.
const { join } = require("node:path");
const { parentPort, workerData } = require("node:worker_threads");

const { answer } = require("./vibeops.js").load(join(__dirname, "../dist/thread.cjs"));
void answer(workerData, (told) => parentPort.postMessage({ told })).then((value) =>
  parentPort.postMessage({ answer: value }),
);

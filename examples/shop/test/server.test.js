import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createShop } from "../server.js";

async function withShop(dataDir, use) {
  const server = await createShop({ greeting: "Hello <you>", dataDir });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("says that it is well, and which version it is", async (t) => {
  const dataDir = await makeDataDir(t);
  await withShop(dataDir, async (url) => {
    const response = await fetch(`${url}/healthz`);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: "ok", version: "1.2.0" });
  });
});

test("greets, and counts visits across a restart", async (t) => {
  const dataDir = await makeDataDir(t);
  await withShop(dataDir, async (url) => {
    const page = await (await fetch(url)).text();
    assert.match(page, /Hello &lt;you&gt;/);
    assert.match(page, /visit number 1\./);
  });
  await withShop(dataDir, async (url) => {
    assert.match(await (await fetch(url)).text(), /visit number 2\./);
  });
});

test("knows no other page", async (t) => {
  await withShop(await makeDataDir(t), async (url) => {
    assert.equal((await fetch(`${url}/admin`)).status, 404);
    assert.equal((await fetch(url, { method: "POST" })).status, 405);
  });
});

async function makeDataDir(t) {
  const directory = await mkdtemp(join(tmpdir(), "shop-"));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

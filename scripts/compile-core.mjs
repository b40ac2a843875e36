// Writes dist/core.cjs.cache: what V8 made of the core while it listed memos, for the Node.js that builds.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const require = createRequire(import.meta.url);
const { loadCompiled } = require("../bin/load-compiled.js");
const { main } = require("../dist/main.cjs");

const core = resolve("dist/core.cjs");
const project = mkdtempSync(join(tmpdir(), "vibeops-compile-"));
try {
  mkdirSync(join(project, "memos/incoming"), { recursive: true });
  writeFileSync(
    join(project, "vibeops.yaml"),
    "project: build\nagents: { developer: { provider: builtin } }\n",
  );
  const id = "20260101T000000Z-00000000";
  writeFileSync(
    join(project, `memos/incoming/${id}.md`),
    `---\nid: ${id}\nfrom: build\nto: build\nsubject: Warm\n---\n\n## Action items\n\n- [ ] One\n- [x] Two\n`,
  );
  process.chdir(project);
  let script;
  const write = process.stdout.write;
  process.stdout.write = () => true;
  await main(["memo", "list"], () => {
    script = loadCompiled(core);
  });
  process.stdout.write = write;
  if (process.exitCode !== 0)
    throw new Error(`the built program cannot list memos: exit ${process.exitCode}`);
  writeFileSync(`${core}.cache`, script.createCachedData());
} finally {
  rmSync(project, { recursive: true, force: true });
}

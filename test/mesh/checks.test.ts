import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkMail } from "../../src/memo/checks.ts";
import { checkMesh } from "../../src/mesh/checks.ts";
import { ensureMailKey, mailIdentity } from "../../src/mesh/mail-key.ts";
import { readMailRemote } from "../../src/mesh/mail-remote.ts";
import { loadProject } from "../../src/project/project.ts";
import { workspace } from "../helpers/workspace.ts";

const signer = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0xq0Jj5p1m3t8o6q0vZ2gq2o8l2m7mS2hKQm0m0m0m";

async function make(peer: string) {
  const space = workspace();
  const { root } = space.project("shop", "project: shop\nagents: { developer: { provider: builtin } }\n");
  writeFileSync(
    join(root, "vibeops.yaml"),
    `project: shop\nagents: { developer: { provider: builtin } }\npeers:\n  infra: ${peer}\n`,
  );
  const project = loadProject(root);
  const { context } = space;
  const identity = await mailIdentity(project, context);
  return { project, context, identity, check: () => checkMesh(project, context) };
}

describe("doctor, of mail by git", () => {
  test("what waits for such a peer is sent by sync, and not by the next session", async () => {
    const space = workspace();
    const agents = "agents: { developer: { provider: builtin } }";
    const peers = "peers: { infra: { git: ssh://git@mail.example.com/mail.git } }";
    const shop = space.project("shop", `project: shop\n${agents}\n${peers}\n`);
    await shop.vibeops("memo", "new", "One", "--to", "infra", "--body", "Words.");
    const waiting = checkMail(loadProject(shop.root), space.context).filter(({ status }) => status !== "ok");
    expect(waiting).toMatchObject([{ name: "memo.queued", fix: "vibeops sync" }]);
  });

  test("says nothing where all peers are folders", async () => {
    const { check } = await make("{ path: ../infra }");
    expect(await check()).toEqual([]);
  });

  test("names the peer whose mail counts for nothing, by line, and the key that is not there yet", async () => {
    const { check, identity, context } = await make("{ git: ssh://git@mail.example.com/mail.git }");
    expect(await check()).toMatchObject([
      { name: "mesh.no-key", status: "warning" },
      { name: "mesh.no-signers", status: "warning", file: "vibeops.yaml", line: 4 },
    ]);
    await ensureMailKey(identity, context.env);
    expect(await check()).toMatchObject([{ name: "mesh.no-signers" }]);
  });

  test("finds an address that is not used, and a note that cannot be read", async () => {
    const bad = await make(`{ git: "http://mail.example.com/mail.git", signers: ["${signer}"] }`);
    expect(await bad.check()).toContainEqual(
      expect.objectContaining({ name: "mesh.address", status: "error" }),
    );
    const { project, identity, context, check } = await make(
      `{ git: ssh://git@mail.example.com/mail.git, signers: ["${signer}"] }`,
    );
    await ensureMailKey(identity, context.env);
    expect(await check()).toMatchObject([{ name: "mesh", status: "ok" }]);
    const { key } = readMailRemote(project, "infra", context.env);
    const folder = join(context.env.HOME ?? "", ".local/state/vibeops/mesh", identity);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${key}.json`), "{");
    expect(await check()).toContainEqual(expect.objectContaining({ name: "mesh.state", status: "error" }));
  });
});

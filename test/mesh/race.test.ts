import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configOf, keyOf, openProject, shopAndInfraApart } from "./apart.ts";

const CLONES = 6;
const PUSHES = process.env.VIBEOPS_SOAK === "1" ? 8 : 1;

test("six clones of one project that push at once lose nothing, force nothing, and need no turn", async () => {
  const { hub, shop, infra, acquaint, url } = shopAndInfraApart();
  await acquaint();
  const key = await keyOf(shop);
  const signer = (await keyOf(infra)).line;
  shop.write("vibeops.yaml", configOf("shop", [{ name: "infra", url, signers: [signer] }]));
  hub.git("config", "receive.denyNonFastForwards", "true");
  const clones = Array.from({ length: CLONES }, (_, i) => {
    const root = join(hub.directory, `clone-${i}`);
    const home = join(hub.directory, `home-${i}`);
    execFileSync("git", ["clone", "--quiet", shop.root, root]);
    // Another machine: another home, with the project's key brought along.
    mkdirSync(join(home, ".config/vibeops/mail"), { recursive: true });
    execFileSync("chmod", ["-R", "go-rwx", home]);
    const file = key.file;
    copyFileSync(file, join(home, ".config/vibeops/mail", file.split("/").at(-1) ?? ""));
    return openProject("shop", root, home);
  });
  await Promise.all(
    clones.map(async (clone, i) => {
      for (let n = 1; n <= PUSHES; n += 1) {
        await clone.send(`Clone ${i} push ${n}`);
        expect(await clone.sync()).toMatchObject({ exit: 0, peers: [{ sent: 1, problems: [] }] });
      }
    }),
  );
  expect(await infra.sync()).toMatchObject({ peers: [{ received: CLONES * PUSHES, setAside: [] }] });
  expect(infra.list("memos/incoming")).toHaveLength(CLONES * PUSHES);
  for (const clone of clones) {
    expect(await clone.sync()).toMatchObject({ peers: [{ acknowledged: PUSHES, waiting: [] }] });
  }
  hub.git("fsck", "--strict", "--no-dangling");
  expect(Number(hub.git("rev-list", "--count", "refs/heads/vibeops/mail/shop"))).toBe(CLONES * PUSHES);
}, 600_000);

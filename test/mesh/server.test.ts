import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { missingComponents, nameWithMissing } from "../e2e/missing-components.ts";
import { configOf, farProject, hub, keyOf } from "./apart.ts";
import { mailServer, restrictRefs } from "./mail-server.ts";

const missing = missingComponents(["sshd"]);
const factor = process.env.VIBEOPS_SOAK === "1" ? 15 : 1;

async function overSsh() {
  const carrier = hub();
  const server = await mailServer(carrier.directory, ["shop", "infra"]);
  const url = server.urlOf(carrier.path);
  const far = (name: string, peer: string, as = name) => {
    return farProject(
      carrier.directory,
      name,
      configOf(name, [{ name: peer, url }]),
      server.environmentOf(as),
    );
  };
  await server.start();
  return { carrier, server, url, far };
}

describe.skipIf(missing.length > 0)(
  nameWithMissing("a bare repository behind an SSH server", missing),
  () => {
    test("a server that gives each sender its own ref: they exchange mail, and nobody writes another's", async () => {
      const { carrier, url, far } = await overSsh();
      restrictRefs(carrier.path);
      const [shop, infra] = [far("shop", "infra"), far("infra", "shop")];
      const keys = [(await keyOf(shop)).line, (await keyOf(infra)).line] as const;
      shop.write("vibeops.yaml", configOf("shop", [{ name: "infra", url, signers: [keys[1]] }]));
      infra.write("vibeops.yaml", configOf("infra", [{ name: "shop", url, signers: [keys[0]] }]));
      await shop.send("One");
      expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ sent: 1 }] });
      expect(await infra.sync()).toMatchObject({ exit: 0, peers: [{ received: 1 }] });
      expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ acknowledged: 1 }] });
      const other = far("billing", "infra", "shop");
      await other.send("Mine");
      const report = await other.sync();
      expect(report).toMatchObject({
        exit: 6,
        peers: [{ sent: 0, problems: [{ code: "mesh.no-signers" }, { code: "mesh.denied" }] }],
      });
      expect(report.peers[0]?.problems[1]?.message).toContain("only shop's own ref");
      expect(carrier.git("for-each-ref", "--format=%(refname)").trim().split("\n")).toHaveLength(2);
    });

    test("a server that does not know the key, or the host, is for a person; one that is down is not", async () => {
      const { server, far } = await overSsh();
      const shop = far("shop", "infra");
      const stranger = { ...server.environmentOf("host") };
      const other = farProject(
        shop.home,
        "other",
        configOf("other", [{ name: "infra", url: server.urlOf("/x") }]),
        stranger,
      );
      expect(await other.sync()).toMatchObject({ exit: 6, peers: [{ problems: [{ code: "mesh.server" }] }] });
      await server.stop();
      expect(await shop.sync()).toMatchObject({
        exit: 0,
        peers: [{ problems: [{ code: "mesh.unreachable" }] }],
      });
    });

    test("while the link is cut and mended at random, every memo arrives once, in bounded rounds, and all is sound", async () => {
      const { carrier, server, url, far } = await overSsh();
      const [shop, infra] = [far("shop", "infra"), far("infra", "shop")];
      const keys = [(await keyOf(shop)).line, (await keyOf(infra)).line] as const;
      shop.write("vibeops.yaml", configOf("shop", [{ name: "infra", url, signers: [keys[1]] }]));
      infra.write("vibeops.yaml", configOf("infra", [{ name: "shop", url, signers: [keys[0]] }]));
      let cuts = 0;
      let over = false;
      const cutting = (async () => {
        while (!over) {
          await sleep(Math.random() * 900);
          await server.stop();
          cuts += 1;
          await sleep(Math.random() * 300);
          await server.start();
        }
      })();
      const rounds = 4 * factor;
      for (let round = 1; round <= rounds; round += 1) {
        await Promise.all(
          [shop, infra].map(async (project) => {
            await project.send(`Round ${round}`, project === shop ? "infra" : "shop");
            const { peers } = await project.sync();
            const codes = peers.flatMap(({ problems }) => problems.map(({ code }) => code));
            expect(codes.filter((code) => code !== "mesh.unreachable")).toEqual([]);
          }),
        );
      }
      over = true;
      await cutting;
      for (const project of [shop, infra, shop, infra, shop]) await project.sync();
      expect(cuts).toBeGreaterThan(0);
      for (const project of [shop, infra]) {
        const subjects = project.list("memos/incoming").map((name) => name.slice(26));
        expect(subjects.sort()).toEqual(Array.from({ length: rounds }, (_, i) => `round-${i + 1}.md`).sort());
        expect(project.list("memos/quarantine")).toEqual([]);
        expect(project.list("memos/outgoing")).toEqual([]);
        project.git("fsck", "--strict", "--no-dangling");
      }
      carrier.git("fsck", "--strict", "--no-dangling");
    }, 600_000);
  },
);

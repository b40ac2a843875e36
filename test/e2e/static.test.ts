import { execFileSync } from "node:child_process";
import { mkdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, startHost } from "./host.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";
import { Workplace } from "./workplace.ts";

const missing = missingComponents(["sshd", "caddy"]);

describe.skipIf(missing.length > 0)(nameWithMissing("files behind Caddy, on a real host", missing), () => {
  let host: Host;
  let work: Workplace;

  /** The developer commits the site; a person brings it to the host as the runbook tells, word for word. */
  async function publish(version: string, files: Record<string, string>): Promise<string> {
    rmSync(work.path("shop/dist"), { recursive: true, force: true });
    mkdirSync(work.path("shop/dist"));
    for (const [name, text] of Object.entries(files)) writeFileSync(work.path("shop/dist", name), text);
    const commit = await work.commit("shop", `Site ${version}`);
    const id = await work.prepare(
      version,
      `service: shop\nversion: ${version}\nartifacts: [{ static: dist }]\ndomains: [shop.example.com]\nsource: { commit: ${commit}, author: human }\nowner: the person on call\n`,
    );
    const shown = await work.vibeops("infra", ["runbook", "show", id]);
    expect(shown).toContain("releases/");
    const text = await work.git("infra", "show", `HEAD:runbooks/${id}/runbook.md`);
    const bring = /From this project's folder: `(.+)`$/m.exec(text)?.[1] ?? "exit 99";
    execFileSync("sh", ["-euc", bring], { cwd: work.path("infra"), env: work.env });
    return id;
  }

  beforeAll(async () => {
    host = await startHost({ parts: ["sshd", "caddy"] });
    work = new Workplace(host);
    await work.setUp(
      `hosts:\n  web1:\n    runtime: static\n    tier: live\n    host_keys: ["${host.hostKeyFingerprint}"]\n    proxy: { kind: caddy, config: ${host.caddyfile}, sites: ${host.sitesDirectory} }\nservices:\n  shop: { host: web1, path: ../shop }\n`,
    );
  }, 120_000);

  afterAll(async () => {
    await host?.stop();
    work?.remove();
  }, 60_000);

  const page = async (path = "/") => (await host.get(`https://shop.example.com${path}`)).body;

  test("a memo becomes a site that Caddy serves, and a second version takes its place", async () => {
    await work.carryOut(
      await publish("1.0.0", { "index.html": "<h1>one</h1>\n", "old.html": "old\n" }),
      true,
    );
    expect(await page()).toBe("<h1>one</h1>\n");
    expect(readlinkSync(host.path("/srv/shop/current"))).toBe("releases/1.0.0");

    await work.carryOut(await publish("1.1.0", { "index.html": "<h1>two</h1>\n" }), false);
    expect(await page()).toBe("<h1>two</h1>\n");
    expect((await host.get("https://shop.example.com/old.html")).status).toBe(404);
  }, 300_000);

  test("the prepared way back serves the version before again", async () => {
    const prepared = JSON.parse(
      await work.vibeops("infra", ["prepare", "--rollback", "shop", "--yes", "--json"]),
    );
    expect(prepared.result).toMatchObject({ from: "1.1.0", version: "1.0.0" });
    const { id } = prepared.result.runbook;
    await work.vibeops("infra", ["runbook", "lint", id]);
    await work.carryOut(id, false);
    expect(await page()).toBe("<h1>one</h1>\n");
    expect(await page("/old.html")).toBe("old\n");
    expect(readlinkSync(host.path("/srv/shop/current"))).toBe("releases/1.0.0");
  }, 300_000);
});

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { explainMailGrant } from "../../src/project/grants.ts";
import { applyPeering, hasPeeringChanges, planPeering } from "../../src/project/peering.ts";
import { loadProject } from "../../src/project/project.ts";
import { applyScaffold, plannedProject, planScaffold } from "../../src/project/scaffold.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const today = new Date("2026-11-20T14:32:11Z");

function neighbours(shopPeers = "", infraPeers = "") {
  const home = temporaryDirectory();
  const make = (name: string, role: string, more: string) => {
    const root = join(home, name);
    mkdirSync(root);
    const text = `# ${name}\nproject: ${name}\nagents:\n  ${role}: { provider: builtin } # who\n${more}`;
    writeFileSync(join(root, "vibeops.yaml"), text);
    return { root, file: join(root, "vibeops.yaml"), load: () => loadProject(root), text };
  };
  return { home, shop: make("shop", "developer", shopPeers), infra: make("infra", "sysadmin", infraPeers) };
}

const plan = (from: { load(): ReturnType<typeof loadProject> }, directory: string) =>
  planPeering(from.load(), directory, { today });

describe("peering", () => {
  test("adds the lines to both ends, for a year, with what each side needs", async () => {
    const { shop, infra } = neighbours();
    const planned = plan(shop, "../infra");
    expect(planned.ours.after).toBe(
      `${shop.text}\npeers:\n  infra: { path: ../infra }\n\n` +
        "accepts:\n  - { from: infra, types: [request, info], until: 2027-11-20 }\n",
    );
    expect(planned.theirs.after).toBe(
      `${infra.text}\npeers:\n  shop: { path: ../shop }\n\n` +
        "accepts:\n  - { from: shop, types: [deployment, request, info], until: 2027-11-20 }\n",
    );
    expect(planned.theirs.diff).toContain("+  shop: { path: ../shop }");
    expect(readFileSync(shop.file, "utf8")).toBe(shop.text);
    await applyPeering(planned);
    expect(explainMailGrant(infra.load(), shop.load(), "deployment", today).granted).toBe(true);
    expect(explainMailGrant(shop.load(), infra.load(), "info", today).granted).toBe(true);
    expect(explainMailGrant(shop.load(), infra.load(), "deployment", today).granted).toBe(false);
  });

  test("done again has nothing to add", async () => {
    const { shop, infra } = neighbours();
    await applyPeering(plan(shop, "../infra"));
    expect(hasPeeringChanges(plan(shop, "../infra"))).toBe(false);
    expect(hasPeeringChanges(plan(infra, "../shop"))).toBe(false);
  });

  test("is not kept from a project by another entry whose path cannot be followed", () => {
    const { home, shop } = neighbours("peers:\n  old: { path: ../loop }\n");
    symlinkSync("loop", join(home, "loop"));
    expect(plan(shop, "../infra").ours.after).toContain("  infra: { path: ../infra }\n");
  });

  test("adds only what is missing, under the name that is there", () => {
    const { shop, infra } = neighbours("peers:\n  ops: { path: ../infra }\n");
    const planned = plan(shop, infra.root);
    expect(planned.ours.after).toContain("{ from: ops, types: [request, info]");
    expect(planned.ours.after).not.toContain("infra:");
  });

  test("adds a new line where an old grant has ended, and keeps the old one", () => {
    const old = "peers:\n  infra: { path: ../infra }\naccepts:\n  - { from: infra, until: 2026-11-19 }\n";
    const { shop } = neighbours(old);
    expect(plan(shop, "../infra").ours.after).toContain(
      "until: 2026-11-19 }\n  - { from: infra, types: [request, info], until: 2027-11-20 }\n",
    );
    const lastDay = neighbours(old.replace("-19", "-20"));
    expect(plan(lastDay.shop, "../infra").ours.diff).toBe("");
  });

  test("can be planned for a project that is not written yet", async () => {
    const { home, infra } = neighbours();
    const context = testContext(home);
    const scaffold = await planScaffold(context, { root: join(home, "new") });
    const planned = planPeering(plannedProject(scaffold), infra.root, { today });
    await applyScaffold(scaffold, context);
    await applyPeering(planned);
    expect(loadProject(join(home, "new")).config.peers).toEqual({ infra: { path: "../infra" } });
    expect(infra.load().config.peers).toEqual({ new: { path: "../new" } });
  });

  test.each([
    ["../nowhere", "peering.no-project", 3],
    ["..", "peering.no-project", 3],
    [".", "peering.self", 4],
  ])("refuses %s", (directory, code, exit) => {
    const { shop } = neighbours();
    expect(() => plan(shop, directory)).toThrow(expect.objectContaining({ code, exit }));
  });

  test("proposes to make a project only where there is a folder to make it in", () => {
    const { shop } = neighbours();
    const fixOf = (directory: string) => {
      try {
        plan(shop, directory);
      } catch (error) {
        return (error as { fix?: string }).fix;
      }
      return undefined;
    };
    expect(fixOf("..")).toContain("vibeops init");
    expect(fixOf("../nowhere")).not.toContain("cd ");
  });

  test("refuses a name that stands for another project", () => {
    const { shop } = neighbours("peers:\n  infra: { git: ssh://git@host.example/infra.git }\n");
    expect(() => plan(shop, "../infra")).toThrow(
      expect.objectContaining({ code: "peering.name", file: shop.file }),
    );
    const twin = neighbours();
    writeFileSync(twin.infra.file, twin.infra.text.replace("project: infra", "project: shop"));
    expect(() => plan(twin.shop, "../infra")).toThrow(expect.objectContaining({ code: "peering.name" }));
  });

  test("a path that no file system can bear is a usage error that says so in a line", () => {
    const { shop } = neighbours();
    try {
      plan(shop, `../${"x".repeat(5000)}`);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: "peering.path",
        exit: 2,
        message: expect.stringMatching(/its 50\d\d characters are too many/),
      });
      expect((error as { file: string }).file.length).toBeLessThan(100);
    }
  });

  test("overwrites neither end when somebody changed it since the plan", async () => {
    const { shop, infra } = neighbours();
    const planned = plan(shop, "../infra");
    writeFileSync(infra.file, `${infra.text}# new\n`);
    await expect(applyPeering(planned)).rejects.toMatchObject({ code: "file.changed" });
    expect(readFileSync(shop.file, "utf8")).toBe(shop.text);
  });

  test("says which end was written when the other one could not be", async () => {
    const { shop, infra } = neighbours();
    const planned = plan(shop, "../infra");
    writeFileSync(shop.file, `${shop.text}# new\n`);
    await expect(applyPeering(planned)).rejects.toMatchObject({
      code: "peering.half",
      exit: 7,
      message: expect.stringContaining(infra.file),
    });
    expect(hasPeeringChanges(plan(shop, "../infra"))).toBe(true);
    expect(plan(shop, "../infra").theirs.diff).toBe("");
  });
});

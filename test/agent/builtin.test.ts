import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { putMemo } from "../helpers/memo-file.ts";
import { shopAndInfra, workspace } from "../helpers/workspace.ts";

const INVENTORY = [
  "hosts:",
  "  web1: { transport: ssh, tier: live, directory: /srv }",
  "services:",
  "  shop: { host: web1, path: ../shop }",
  "",
].join("\n");

/** A PM asks a developer, who asks an operator; nobody but neighbours know each other. */
function chain() {
  const space = workspace();
  const project = (name: string, role: string, peers: readonly string[]) => {
    const lines = peers.map((peer) => `  ${peer}: { path: ../${peer} }`);
    const grants = peers.map((peer) => `  - { from: ${peer}, types: [deployment, request, info] }`);
    const agents = `agents: { ${role}: { provider: builtin } }`;
    return space.project(
      name,
      [`project: ${name}`, agents, "peers:", ...lines, "accepts:", ...grants, ""].join("\n"),
    );
  };
  const office = project("office", "pm", ["shop"]);
  const shop = project("shop", "developer", ["infra", "office"]);
  const infra = project("infra", "sysadmin", ["shop"]);
  cpSync("examples/shop", shop.root, { recursive: true });
  shop.git("add", ".");
  shop.git("commit", "--quiet", "-m", "The shop");
  return { office, shop, infra };
}

describe("the builtin developer", () => {
  test("answers a request to deploy with what the repository's files say, each with its evidence", async () => {
    const { shop, infra } = shopAndInfra();
    cpSync("examples/shop", shop.root, { recursive: true });
    shop.git("add", ".");
    shop.git("commit", "--quiet", "-m", "The shop");
    await shop.vibeops("memo", "new", "Deploy the shop", "--to", "shop", "--item", "Ask infra to deploy it");
    const run = await shop.vibeops("session", "run");
    expect(run).toMatchObject({ exit: 0, stderr: "" });
    const [name = ""] = infra.list("memos/incoming");
    const memo = infra.read(`memos/incoming/${name}`);
    expect(memo).toContain("service: shop");
    expect(memo).toContain("version: 1.2.0");
    expect(memo).toMatch(/ports: 3000 \(Dockerfile:\d+ EXPOSE\)/);
    expect(memo).toMatch(/health\.path: \/healthz \(Dockerfile:\d+ HEALTHCHECK\)/);
    expect(memo).not.toContain("domains:");
    expect(shop.list("memos/incoming"), "it is done when it is deployed").toHaveLength(1);
    expect(shop.read(`memos/incoming/${shop.list("memos/incoming")[0]}`)).toContain("- [x] Ask infra");
    expect((await infra.vibeops("memo", "lint")).stdout).toBe("Nothing is wrong.\n");
  });

  test("asks once, and the one who asked hears of it when the operator has finished, in the operator's words", async () => {
    const { office, shop, infra } = chain();
    await office.vibeops(
      "memo",
      "new",
      "Deploy the shop",
      "--to",
      "shop",
      "--item",
      "Ask infra to deploy it",
    );
    await shop.vibeops("session", "run");
    const again = JSON.parse((await shop.vibeops("session", "run", "--json")).stdout);
    expect(infra.list("memos/incoming")).toHaveLength(1);
    expect(again.result.left).toMatchObject([
      { why: expect.stringContaining("infra has not finished memo") },
    ]);
    await office.vibeops("session", "run");
    expect(office.list("memos/incoming").concat(office.list("memos/archived"))).toEqual([]);

    const [name = ""] = infra.list("memos/incoming");
    await infra.vibeops(
      "memo",
      "done",
      name,
      "--unfinished",
      "it is all live",
      "--note",
      "1.2.0 is live on web1.",
    );
    const unfinished = JSON.parse((await shop.vibeops("session", "run", "--json")).stdout);
    expect(unfinished.result.left[0].why).toContain("it is all live");
    expect(office.list("memos/archived")).toEqual([]);
  });

  test("a deployment that was finished ends the request, and the PM's brief and STATE.md say so", async () => {
    const { office, shop, infra } = chain();
    await office.vibeops(
      "memo",
      "new",
      "Deploy the shop",
      "--to",
      "shop",
      "--item",
      "Ask infra to deploy it",
    );
    await shop.vibeops("session", "run");
    await office.vibeops("session", "run");
    const [name = ""] = infra.list("memos/incoming");
    await infra.vibeops("memo", "check", name, "1", "2", "3", "4");
    expect((await infra.vibeops("memo", "done", name, "--note", "1.2.0 is live\non web1.")).exit).toBe(0);
    expect((await shop.vibeops("session", "run")).stdout).toContain('done: "Deploy the shop"');
    expect(shop.list("memos/incoming")).toEqual([]);
    const brief = await office.vibeops("session", "start");
    expect(brief.stdout).toContain("## Finished by others (1)");
    expect(brief.stdout).toContain("1.2.0 is live on web1.");
    await office.vibeops("session", "run");
    expect(office.read("STATE.md")).toContain("1.2.0 is live on web1.");
    expect(office.git("status", "--porcelain")).toBe("");
    const quiet = await office.vibeops("session", "run");
    expect(quiet.stdout).not.toContain("1.2.0 is live");
  });

  test("leaves to a person what no rule covers, and says so in the hand-over", async () => {
    const { shop } = shopAndInfra();
    await shop.vibeops("memo", "new", "Think about the cache", "--to", "shop", "--item", "Think");
    const run = await shop.vibeops("session", "run", "--json");
    expect(JSON.parse(run.stdout).result.left).toMatchObject([{ subject: "Think about the cache" }]);
    expect(shop.list("memos/incoming")).toHaveLength(1);
    expect(shop.read("STATE.md")).toContain("left to a person: Think about the cache");
  });
});

describe("the builtin sysadmin", () => {
  test("prepares a deployment, ticks what it did, and asks the sender for what the memo does not hold", async () => {
    const { shop, infra } = shopAndInfra();
    infra.write("inventory.yaml", INVENTORY);
    infra.git("add", ".");
    infra.git("commit", "--quiet", "-m", "Inventory");
    const body =
      "## Deployment\n\n```yaml\nservice: shop\nversion: 1.2.0\nartifacts: [{ image: registry.example.com/shop:1.2.0 }]\nports: [3000]\n```\n";
    await shop.pipe(
      body,
      "memo",
      "new",
      "Deploy shop",
      "--to",
      "sysadmin@infra",
      "--type",
      "deployment",
      "--body",
      "-",
      "--item",
      "Write the runbook",
      "--item",
      "Deploy and verify",
    );
    const run = await infra.vibeops("session", "run");
    expect(run).toMatchObject({ exit: 0, stderr: "" });
    expect(infra.list("deploy/shop")).toContain("compose.yaml");
    expect(infra.list("runbooks")).toHaveLength(1);
    const [pending = ""] = infra.list("memos/incoming");
    expect(infra.read(`memos/incoming/${pending}`)).toContain(
      "- [x] Write the runbook\n- [ ] Deploy and verify",
    );
    const [reply = ""] = shop.list("memos/incoming");
    expect(shop.read(`memos/incoming/${reply}`)).toContain("Who owns shop at 2 AM?");
    expect(infra.git("status", "--porcelain")).toBe("");
    expect((await infra.vibeops("runbook", "lint")).exit).toBe(0);
  });
});

describe("the builtin pm", () => {
  test("reminds though an earlier reminder of its own cannot be read", async () => {
    const { office, shop } = chain();
    shop.write(
      "vibeops.yaml",
      shop.read("vibeops.yaml").replace("from: office,", "from: office, read: [memos],"),
    );
    putMemo(shop, "memos/incoming", { id: "20261001T120000Z-aaaaaaaa", subject: "Old" });
    office.write("memos/sent/2026-11/.keep", "");
    symlinkSync(
      "nowhere",
      join(office.root, "memos/sent/2026-11/20261101T120000Z-bbbbbbbb-reminder-1-overdue.md"),
    );
    const { exit, stdout, stderr } = await office.vibeops("session", "run");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toContain("reminder of 1 to shop");
  });

  test("tells once of what was finished, though it was killed before its hand-over", async () => {
    const { office, shop } = chain();
    await office.vibeops("memo", "new", "Look at the logs", "--to", "shop", "--body", "Words.");
    const [name = ""] = shop.list("memos/incoming");
    await shop.vibeops("memo", "done", name, "--note", "All is well.");
    await office.vibeops("session", "start");
    const before = readFileSync(join(office.root, ".vibeops/session.yaml"));
    await office.vibeops("session", "run");
    // As a kill before the end leaves it, once with the line in a commit and once without.
    for (const reset of ["HEAD", "HEAD~2"]) {
      writeFileSync(join(office.root, ".vibeops/session.yaml"), before);
      rmSync(join(office.root, ".vibeops/last-session.yaml"));
      office.git("reset", "--quiet", "--mixed", reset);
      expect(await office.vibeops("session", "run")).toMatchObject({ exit: 0, stderr: "" });
      for (const text of [office.read("STATE.md"), office.git("show", "HEAD:STATE.md")])
        expect(text.match(/^- 2026-11-20 .*"Done: Look at the logs"/gm)).toHaveLength(1);
    }
  });

  test("takes no secret over from what a peer says of itself", async () => {
    const { office, shop } = chain();
    shop.write("STATE.md", "## Current status\n\nAll is well: PGPASSWORD=Tr0ub4dor-and-3-horses\n");
    const accepts = "accepts:\n  - { from: office, types: [], read: [state] }";
    shop.write("vibeops.yaml", shop.read("vibeops.yaml").replace("accepts:", accepts));
    expect((await office.vibeops("session", "run")).exit).toBe(0);
    expect(office.read("STATE.md")).toContain("**shop**: All is well");
    expect(office.git("log", "-p")).not.toContain("Tr0ub4dor");
  });

  test("that keeps no other project in view leaves the status that a person wrote", async () => {
    const { project } = workspace();
    const office = project("office", "project: office\nagents: { pm: { provider: builtin } }\n");
    office.write("STATE.md", "# State\n\n## Current status\n\nA person wrote this.\n");
    expect((await office.vibeops("session", "run")).exit).toBe(0);
    expect(office.read("STATE.md")).toContain("## Current status\n\nA person wrote this.\n");
    expect(office.read("STATE.md")).toContain("- nothing was pending");
  });

  test("collects the state of peers that let it, reminds them once of what is overdue, and names who does not", async () => {
    const space = workspace();
    const office = space.project(
      "office",
      "project: office\nagents: { pm: { provider: builtin } }\npeers: { shop: { path: ../shop }, infra: { path: ../infra } }\n",
    );
    const accepts = "accepts: [{ from: office, types: [info], read: [state, memos] }]";
    const shop = space.project(
      "shop",
      `project: shop\nagents: { developer: { provider: builtin } }\npeers: { office: { path: ../office } }\n${accepts}\n`,
    );
    space.project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
    shop.write("STATE.md", "## Current status\n\nHalf of the tests pass.\n");
    await shop.vibeops("memo", "new", "Old work", "--to", "shop", "--item", "Do it");
    space.context.setNow("2026-12-05T09:00:00Z");
    expect((await office.vibeops("session", "run")).exit).toBe(0);
    const state = office.read("STATE.md");
    expect(state).toContain("**shop** (1 memo pending): Half of the tests pass.");
    expect(state).toContain("infra does not list office as a peer");
    const reminders = () => shop.list("memos/incoming").filter((name) => name.includes("reminder"));
    expect(reminders()).toHaveLength(1);
    expect(shop.read(join("memos/incoming", reminders()[0] ?? ""))).toContain("Old work");
    await office.vibeops("session", "run");
    expect(reminders()).toHaveLength(1);
  });

  test("a peer that is broken is named as such, and keeps nobody from the others", async () => {
    const { office, shop, infra } = chain();
    const peers = "peers: { infra: { path: ../infra }, shop: { path: ../shop }, depot: { path: ../depot } }";
    office.write("vibeops.yaml", `project: office\nagents: { pm: { provider: builtin } }\n${peers}\n`);
    infra.write("vibeops.yaml", "project: *nobody\n");
    shop.write(
      "vibeops.yaml",
      shop
        .read("vibeops.yaml")
        .replace("accepts:", "accepts:\n  - { from: office, types: [], read: [state] }"),
    );
    shop.write("STATE.md", "## Current status\n\nAll is well.\n");
    expect(await office.vibeops("session", "run")).toMatchObject({ exit: 0, stderr: "" });
    expect(office.read("STATE.md")).toContain("**infra**: cannot be read: Unresolved alias");
    expect(office.read("STATE.md")).toContain("**shop**: All is well.");
    rmSync(join(shop.root, "STATE.md"));
    symlinkSync("vibeops.yaml", join(shop.root, "STATE.md"));
    expect(await office.vibeops("session", "run")).toMatchObject({ exit: 0, stderr: "" });
    expect(office.read("STATE.md")).toContain("**shop**: cannot be read: ");
  });
});

test("a role may be called what every object is called", async () => {
  const { project } = workspace();
  const shop = project("shop", "project: shop\nagents: { constructor: { provider: builtin } }\n");
  await shop.vibeops("memo", "new", "Build it", "--to", "shop", "--item", "Do it");
  const run = await shop.vibeops("session", "run", "--json");
  expect(run.exit).toBe(0);
  expect(JSON.parse(run.stdout).result.left).toMatchObject([{ subject: "Build it" }]);
});

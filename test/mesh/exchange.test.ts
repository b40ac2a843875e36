import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import {
  configOf,
  type FarProject,
  farProject,
  hub,
  keyOf,
  openProject,
  shopAndInfraApart,
} from "./apart.ts";
import { craftHead } from "./craft.ts";

const heads = (git: (...args: string[]) => string) =>
  git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads");

function expectSound(...projects: { git: (...args: string[]) => string }[]): void {
  for (const { git } of projects) git("fsck", "--strict", "--no-dangling");
}

/** What lies on a sender's ref. */
function onRef(git: (...args: string[]) => string, sender: string): string[] {
  return git("ls-tree", "-r", "--name-only", `refs/heads/vibeops/mail/${sender}`)
    .split("\n")
    .filter((name) => name !== "");
}

describe("mail over git", () => {
  test("the first sync makes the project's mail key, for nobody else to read, and prints its line", async () => {
    const { shop } = shopAndInfraApart();
    const { stdout } = await shop.vibeops("sync");
    const key = await keyOf(shop);
    expect(stdout).toContain(`signers: ["${key.line}"]`);
    // What a person has to do is said once, below the counts.
    expect(stdout.match(/lists no signers/g)).toHaveLength(1);
    expect(stdout).toContain("waiting 0  see below");
    expect(statSync(key.file).mode & 0o777).toBe(0o600);
    expect(await shop.sync()).toMatchObject({ key: { line: key.line, isNew: false } });
    // Until the two know each other, each of them is told by the other to ask for it.
    expect((await shop.vibeops("sync")).stdout).toContain(key.line);
  });

  test("a peer may be called what every object is called", async () => {
    const { directory, path: url } = hub();
    const make = (name: string, peer: string) =>
      farProject(directory, name, configOf(name, [{ name: peer, url }]));
    const shop = make("shop", "constructor");
    const other = make("constructor", "shop");
    for (const [one, peer] of [
      [shop, other],
      [other, shop],
    ] as const) {
      const signers = [(await keyOf(peer)).line];
      one.write("vibeops.yaml", configOf(one.name, [{ name: peer.name, url, signers }]));
      one.git("commit", "--quiet", "--all", "-m", "Who signs");
    }
    const id = await shop.send("Rotate the key", "constructor");
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ sent: 1, problems: [] }] });
    expect(await other.sync()).toMatchObject({ exit: 0, peers: [{ received: 1, problems: [] }] });
    expect(other.list("memos/incoming")).toEqual([`${id}-rotate-the-key.md`]);
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ acknowledged: 1, problems: [] }] });
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ sent: 0, problems: [] }] });
  });

  test("a memo and its receipt arrive once, confirmed by signature, and each end hears of it", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    const id = await shop.send("Rotate the key");
    const sent = await shop.sync();
    expect(sent).toMatchObject({
      exit: 0,
      peers: [{ sent: 1, waiting: [{ why: "sent, not acknowledged yet" }] }],
    });
    expect(await infra.sync()).toMatchObject({
      exit: 0,
      peers: [{ received: 1, problems: [], setAside: [] }],
    });
    expect(infra.list("memos/incoming")).toEqual([`${id}-rotate-the-key.md`]);
    expect(infra.git("log", "-1", "--format=%B")).not.toContain("unconfirmed");
    expect(infra.git("status", "--porcelain")).toBe("");
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ acknowledged: 1, waiting: [] }] });
    expect(shop.list("memos/outgoing")).toEqual([]);

    await infra.vibeops("memo", "done", id, "--note", "Rotated.");
    expect(await infra.sync()).toMatchObject({ peers: [{ sent: 1 }] });
    expect(await shop.sync()).toMatchObject({ peers: [{ received: 1 }] });
    expect(shop.git("log", "-1", "--format=%s")).toBe("Mail: 1 receipt filed\n");
    expect(await infra.sync()).toMatchObject({ peers: [{ acknowledged: 1, waiting: [] }] });
    expectSound(carrier, shop, infra);
  });

  test("repeating a sync changes nothing, here or there", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    await shop.send("One");
    await shop.sync();
    await infra.sync();
    await shop.sync();
    await infra.sync();
    const before = [heads(carrier.git), heads(shop.git), heads(infra.git)];
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ sent: 0, received: 0, acknowledged: 0 }] });
    expect(await infra.sync()).toMatchObject({ exit: 0, peers: [{ sent: 0, received: 0, acknowledged: 0 }] });
    expect([heads(carrier.git), heads(shop.git), heads(infra.git)]).toEqual(before);
    for (const { home } of [shop, infra]) expect(readdirSync(join(home, ".cache/vibeops/mesh"))).toEqual([]);
  });

  test("the ref holds what is pending: what was acknowledged goes with the next thing that is said", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    for (const subject of ["One", "Two", "Three"]) await shop.send(subject);
    await shop.sync();
    await infra.sync();
    expect(onRef(carrier.git, "infra")).toEqual(["ack/shop"]);
    const last = await shop.send("Four");
    await shop.sync();
    expect(onRef(carrier.git, "shop")).toEqual([`to/infra/${last}-four.md`]);
    await infra.sync();
    expect(
      carrier.git("cat-file", "blob", "refs/heads/vibeops/mail/infra:ack/shop").trim().split("\n"),
    ).toHaveLength(1);
    expect(infra.list("memos/incoming")).toHaveLength(4);
  });

  test("the project's own repository holds no object, ref or setting of the mesh", async () => {
    const { shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    await shop.send("One");
    const config = infra.read(".git/config");
    await shop.sync();
    await infra.sync();
    expect(infra.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main\n");
    expect(infra.read(".git/config")).toBe(config);
    expect(infra.git("count-objects", "-v")).toContain("packs: 0");
  });

  test("clocks an hour apart do not matter", async () => {
    const { shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    shop.context.setNow("2026-11-20T15:40:00Z");
    await shop.send("From ahead");
    await shop.sync();
    expect(await infra.sync()).toMatchObject({ exit: 0, peers: [{ received: 1 }] });
    await infra.send("From behind", "shop");
    await infra.sync();
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ received: 1, acknowledged: 1 }] });
  });

  test("a dry run says what would be done and writes nothing", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    await shop.send("One");
    const before = heads(carrier.git);
    expect(await shop.sync("--dry-run")).toMatchObject({ exit: 0, peers: [{ sent: 1 }] });
    expect(heads(carrier.git)).toBe(before);
    await shop.sync();
    expect(await infra.sync("--dry-run")).toMatchObject({ peers: [{ received: 1 }] });
    expect(infra.list("memos/incoming")).toEqual([]);
    expect(await infra.sync()).toMatchObject({ peers: [{ received: 1 }] });
  });

  test("a repository that was lost and made anew gets again what still waits, and nothing comes twice", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    await shop.send("One");
    await shop.sync();
    await infra.sync();
    await shop.send("Two");
    await shop.sync();
    rmSync(carrier.path, { recursive: true });
    hub(carrier.directory);
    expect(await infra.sync()).toMatchObject({
      exit: 6,
      peers: [{ problems: [{ code: "mesh.rolled-back" }] }],
    });
    await shop.sync();
    await infra.sync();
    await shop.sync();
    expect(infra.list("memos/incoming")).toHaveLength(2);
    expect(shop.list("memos/outgoing")).toEqual([]);
    expect((await infra.sync()).exit).toBe(0);
  });

  test("a repository whose objects have SHA-256 names carries mail too", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    rmSync(carrier.path, { recursive: true });
    execFileSync("git", ["init", "--quiet", "--bare", "--object-format=sha256", carrier.path]);
    craftHead(carrier, {
      sender: "infra",
      sequence: 1,
      key: (await keyOf(infra)).file,
      receiver: "others",
    });
    await shop.send("One");
    const report = await shop.sync();
    expect(report.peers[0]?.problems).toEqual([]);
    expect(await infra.sync()).toMatchObject({ peers: [{ received: 1 }] });
    expect(await shop.sync()).toMatchObject({ peers: [{ acknowledged: 1 }] });
  });
});

describe("what is new, or not all there", () => {
  test("an empty repository whose objects have SHA-256 names carries mail too", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    rmSync(carrier.path, { recursive: true });
    execFileSync("git", ["init", "--quiet", "--bare", "--object-format=sha256", carrier.path]);
    await shop.send("One");
    expect(await shop.sync()).toMatchObject({ peers: [{ sent: 1, problems: [] }] });
    expect(await infra.sync()).toMatchObject({ peers: [{ received: 1 }] });
    expect(await shop.sync()).toMatchObject({ peers: [{ acknowledged: 1 }] });
  });

  test("settings of the person's own that a server does not know keep no mail back", async () => {
    const { shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    shop.git("config", "--global", "push.pushOption", "ci.skip");
    shop.git("config", "--global", "push.followTags", "true");
    await shop.send("One");
    expect(await shop.sync()).toMatchObject({ peers: [{ sent: 1, problems: [] }] });
    expect(await infra.sync()).toMatchObject({ peers: [{ received: 1 }] });
  });

  test("a shallow clone makes no key for a project that only seems to be another one", async () => {
    const { shop, acquaint } = shopAndInfraApart();
    await acquaint();
    const key = await keyOf(shop);
    shop.git("commit", "--quiet", "--allow-empty", "-m", "More");
    const clone = join(shop.root, "../clone");
    shop.git("clone", "--quiet", "--depth=1", `file://${shop.root}`, clone);
    const there = openProject("shop", clone, shop.home);
    const { exit, stdout } = await there.vibeops("sync", "--json");
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "mesh.shallow", fix: expect.stringContaining("git fetch --unshallow") },
    });
    expect(readdirSync(dirname(key.file)).filter((name) => name.endsWith(".pub"))).toHaveLength(1);
    there.git("fetch", "--quiet", "--unshallow");
    expect(await there.sync()).toMatchObject({ key: { line: key.line, isNew: false } });
  });
});

describe("offline is normal", () => {
  test("a peer whose repository is not there keeps nobody from the others, and is no failure", async () => {
    const { hub: carrier, shop, infra, acquaint, url } = shopAndInfraApart();
    await acquaint();
    const signer = (await keyOf(infra)).line;
    const stick = join(carrier.directory, "stick/mail.git");
    shop.write(
      "vibeops.yaml",
      configOf("shop", [
        { name: "archive", url: stick, signers: [signer] },
        { name: "infra", url, signers: [signer] },
      ]),
    );
    await shop.send("Keep this", "archive");
    await shop.send("Do this");
    const report = await shop.sync();
    expect(report).toMatchObject({
      exit: 0,
      peers: [
        { peer: "archive", sent: 0, problems: [{ code: "mesh.unreachable" }] },
        { peer: "infra", sent: 1, problems: [] },
      ],
    });
    expect(report.peers[0]?.waiting[0]?.why).toContain("not there now");
    expect(await infra.sync()).toMatchObject({ peers: [{ received: 1 }] });
    mkdirSync(join(stick, ".."));
    hub(join(stick, ".."));
    expect(await shop.sync()).toMatchObject({ peers: [{ peer: "archive", sent: 1 }, { acknowledged: 1 }] });
  });

  test.each(["a path", "a URL"])("a stick may have a space in its name, in %s", async (how) => {
    const { shop, infra, acquaint } = shopAndInfraApart((path) => {
      const stick = join(dirname(path), "MY STICK");
      mkdirSync(stick);
      renameSync(path, join(stick, "mail.git"));
      return how === "a path" ? join(stick, "mail.git") : pathToFileURL(join(stick, "mail.git")).href;
    });
    await acquaint();
    await shop.send("Do this");
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ sent: 1 }] });
    expect(await infra.sync()).toMatchObject({ exit: 0, peers: [{ received: 1 }] });
  });

  test("named peers alone are met; an unknown one is refused with the nearest name", async () => {
    const { shop } = shopAndInfraApart();
    const result = await shop.vibeops("sync", "infro", "--json");
    expect(JSON.parse(result.stdout)).toMatchObject({ ok: false, error: { code: "peer.unknown" } });
    expect(result.stdout).toContain("infra");
  });

  test("without a peer elsewhere, sync delivers what waits for those here, and makes no key", async () => {
    const { directory } = hub();
    const shop = farProject(
      directory,
      "shop",
      "project: shop\nagents: { developer: { provider: builtin } }\n",
    );
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [], key: null });
    expect(existsSync(join(shop.home, ".config/vibeops"))).toBe(false);
  });
});

describe("what a person must look at", () => {
  test("mail that is not accepted is set aside with the reason; once it is, the same memo arrives", async () => {
    const { shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    const accepting = infra.read("vibeops.yaml");
    infra.write("vibeops.yaml", accepting.replace("types: [request, info]", "types: [security]"));
    const id = await shop.send("Look");
    await shop.sync();
    expect(await infra.sync()).toMatchObject({
      peers: [{ received: 0, setAside: [{ code: "memo.not-granted" }] }],
    });
    expect(infra.list("memos/incoming")).toEqual([]);
    expect(await shop.sync()).toMatchObject({
      exit: 6,
      peers: [
        { acknowledged: 0, waiting: [{ why: "infra set it aside: memo.not-granted", needsPerson: true }] },
      ],
    });
    expect(await infra.sync()).toMatchObject({ exit: 0, peers: [{ setAside: [] }] });

    infra.write("vibeops.yaml", accepting);
    const name = `${id}-look.md`;
    renameSync(join(infra.root, "memos/quarantine", name), join(infra.root, "memos/incoming", name));
    await infra.vibeops("session", "start");
    await infra.sync();
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ acknowledged: 1, waiting: [] }] });
  });

  test("what was set aside is still said by the syncs that follow, which find the peer's ref as it was", async () => {
    const { shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    infra.write(
      "vibeops.yaml",
      infra.read("vibeops.yaml").replace("types: [request, info]", "types: [security]"),
    );
    await shop.send("Look");
    await shop.sync();
    await infra.sync();
    const aside = { exit: 6, peers: [{ waiting: [{ why: "infra set it aside: memo.not-granted" }] }] };
    expect(await shop.sync()).toMatchObject(aside);
    expect(await shop.sync()).toMatchObject(aside);
  });

  test("a person who gives up deletes the memo from outgoing, and it goes from the ref with the next one", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    infra.write(
      "vibeops.yaml",
      infra.read("vibeops.yaml").replace("types: [request, info]", "types: [security]"),
    );
    const id = await shop.send("Look");
    await shop.sync();
    await infra.sync();
    expect(await shop.sync()).toMatchObject({ exit: 6 });
    rmSync(join(shop.root, `memos/outgoing/${id}-look.md`));
    const next = await shop.send("Next");
    await shop.sync();
    expect(onRef(carrier.git, "shop")).toEqual([`to/infra/${next}-next.md`]);
  });

  test("two projects of one name in one repository: the second is told, and overwrites nothing", async () => {
    const { hub: carrier, shop, acquaint, url } = shopAndInfraApart();
    await acquaint();
    await shop.send("One");
    await shop.sync();
    const before = heads(carrier.git);
    const other = farProject(
      join(carrier.directory, "home-of-infra"),
      "shop",
      configOf("shop", [{ name: "infra", url }]),
    );
    await other.send("Mine");
    const report = await other.sync();
    expect(report).toMatchObject({ exit: 6, peers: [{ sent: 0, problems: [{ code: "mesh.taken" }] }] });
    expect(heads(carrier.git)).toBe(before);
  });

  test("a key that the peer lists as its own on another machine counts there", async () => {
    const { shop, infra, acquaint, url, hub: carrier } = shopAndInfraApart();
    await acquaint();
    const laptop = laptopOf(shop, carrier.directory);
    await shop.send("From the desk");
    await shop.sync();
    const line = (await keyOf(laptop)).line;
    const desk = (await keyOf(shop)).line;
    const signer = (await keyOf(infra)).line;
    laptop.write("vibeops.yaml", configOf("shop", [{ name: "infra", url, signers: [signer] }], [desk, line]));
    infra.write("vibeops.yaml", configOf("infra", [{ name: "shop", url, signers: [desk, line] }]));
    await laptop.send("From the laptop");
    expect(await laptop.sync()).toMatchObject({ exit: 0, peers: [{ sent: 1 }] });
    expect(await infra.sync()).toMatchObject({ peers: [{ problems: [] }] });
    expect(infra.list("memos/incoming")).toHaveLength(2);
    expect(await laptop.sync()).toMatchObject({ peers: [{ acknowledged: 1 }] });
  });

  test("folders that a project's agents could write hold no keys and no notes", async () => {
    const { shop } = shopAndInfraApart();
    const inside = openProject("shop", shop.root, shop.home, { XDG_CONFIG_HOME: join(shop.root, "config") });
    const result = await inside.vibeops("sync", "--json");
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: "trust.inside" } });
  });
});

function laptopOf(project: FarProject, directory: string): FarProject {
  const root = join(directory, "laptop");
  const home = join(directory, "home-of-laptop");
  execFileSync("git", ["clone", "--quiet", project.root, root]);
  execFileSync("mkdir", ["-m", "700", home]);
  return openProject(project.name, root, home);
}

import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { syncMail } from "../../src/mesh/sync.ts";
import { newId } from "../../src/platform/ids.ts";
import { loadProject } from "../../src/project/project.ts";
import { configOf, type Hub, keyOf, shopAndInfraApart } from "./apart.ts";
import { type Craft, craftHead, memoText } from "./craft.ts";

/** Infra, which knows shop's key, and a way to put anything on shop's ref. */
async function infraAnd(): Promise<
  ReturnType<typeof shopAndInfraApart> & { key: string; craft: (craft: Partial<Craft>) => string }
> {
  const space = shopAndInfraApart();
  await space.acquaint();
  const key = (await keyOf(space.shop)).file;
  return {
    ...space,
    key,
    craft: (craft) => craftHead(space.hub, { sender: "shop", sequence: 1, key, ...craft }),
  };
}

const moment = {
  now: () => new Date("2026-11-20T14:00:00Z"),
  randomBytes: (n: number) => crypto.getRandomValues(new Uint8Array(n)),
};

function memo(from?: string, to?: string, type?: string): { name: string; bytes: string } {
  const id = newId(moment);
  return { name: `${id}-look.md`, bytes: memoText(id, from, to, type) };
}

/** Nothing came in, and nothing was set aside. */
function expectUntouched({
  infra,
}: {
  infra: { list: (path: string) => string[]; git: (...args: string[]) => string };
}) {
  for (const folder of ["incoming", "archived", "quarantine"])
    expect(infra.list(`memos/${folder}`)).toEqual([]);
  expect(infra.git("log", "--format=%s")).not.toContain("Mail");
}

describe("whose mail it is", () => {
  test("what is not signed stays on the ref, and is named", async () => {
    const space = await infraAnd();
    space.craft({ key: undefined, entries: [memo()] });
    expect(await space.infra.sync()).toMatchObject({
      exit: 6,
      peers: [{ problems: [{ code: "mesh.unsigned" }] }],
    });
    expectUntouched(space);
  });

  test("so does what another key signed, with its fingerprint and the line that would make it count", async () => {
    const space = await infraAnd();
    const other = await keyOf(space.infra);
    space.craft({ key: other.file, entries: [memo()] });
    const report = await space.infra.sync();
    expect(report).toMatchObject({ exit: 6, peers: [{ received: 0, problems: [{ code: "mesh.signer" }] }] });
    expect(report.peers[0]?.problems[0]?.message).toContain("SHA256:");
    expect(report.peers[0]?.problems[0]?.fix).toContain(other.line);
    expectUntouched(space);
    // A sender whose key changed loses nothing: once it is listed, what waited arrives.
    space.infra.write(
      "vibeops.yaml",
      configOf("infra", [{ name: "shop", url: space.url, signers: [other.line] }]),
    );
    expect(await space.infra.sync()).toMatchObject({ exit: 0, peers: [{ received: 1 }] });
  });

  test("a peer without signers is not believed; whose key signs its mail is shown", async () => {
    const space = await infraAnd();
    space.craft({ entries: [memo()] });
    space.infra.write("vibeops.yaml", configOf("infra", [{ name: "shop", url: space.url }]));
    const report = await space.infra.sync();
    expect(report).toMatchObject({ exit: 6, peers: [{ problems: [{ code: "mesh.no-signers" }] }] });
    expect(report.peers[0]?.problems[0]?.fix).toContain("ssh-ed25519 AAAA");
    expectUntouched(space);
  });

  test("another sender's mail, put onto this ref, is not this sender's", async () => {
    const space = await infraAnd();
    space.craft({ message: "Mail of billing\n\nsequence: 1\n", entries: [memo("billing")] });
    expect(await space.infra.sync()).toMatchObject({ peers: [{ problems: [{ code: "mesh.name" }] }] });
    expectUntouched(space);
  });

  test("a memo that names another sender than who signed is set aside, and never lies in the inbox", async () => {
    const space = await infraAnd();
    const [forged, good] = [memo("billing"), memo()];
    space.craft({ entries: [forged, good] });
    expect(await space.infra.sync()).toMatchObject({
      peers: [{ received: 1, setAside: [{ name: forged.name, code: "memo.forged" }] }],
    });
    expect(space.infra.list("memos/incoming")).toEqual([good.name]);
    expect(space.infra.read(`memos/quarantine/${forged.name}.reason.md`)).toContain("billing");
    expect(space.infra.git("log", "--all", "--format=", "--name-only")).not.toContain(
      `incoming/${forged.name}`,
    );
  });

  test("a signature does not hold for another tree", async () => {
    const space = await infraAnd();
    const real = space.craft({ entries: [memo()] });
    const other = space.craft({ key: undefined, entries: [memo()], sequence: 1 });
    const tree = space.hub.git("rev-parse", `${other}^{tree}`).trim();
    const forged = space.hub.git("cat-file", "commit", real).replace(/^tree .*/, `tree ${tree}`);
    const file = join(space.hub.directory, "forged");
    writeFileSync(file, forged);
    const id = space.hub.git("hash-object", "-t", "commit", "-w", file).trim();
    space.hub.git("update-ref", "refs/heads/vibeops/mail/shop", id);
    expect(await space.infra.sync()).toMatchObject({ peers: [{ problems: [{ code: "mesh.forged" }] }] });
    expectUntouched(space);
  });
});

describe("a ref that goes back", () => {
  test("is noticed and named, and the sender's next sync puts it right", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    await shop.send("One");
    await shop.sync();
    const old = carrier.git("rev-parse", "refs/heads/vibeops/mail/shop").trim();
    await shop.send("Two");
    await shop.sync();
    await infra.sync();
    carrier.git("update-ref", "refs/heads/vibeops/mail/shop", old);
    const report = await infra.sync();
    expect(report).toMatchObject({
      exit: 6,
      peers: [{ received: 0, problems: [{ code: "mesh.rolled-back" }] }],
    });
    await shop.send("Three");
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ acknowledged: 2, sent: 1 }] });
    expect(await infra.sync()).toMatchObject({ exit: 0, peers: [{ received: 1 }] });
    expect(infra.list("memos/incoming")).toHaveLength(3);
  });

  for (const what of ["an old commit", "nothing"]) {
    test(`that now holds ${what} is put right by a sync that has nothing to send`, async () => {
      const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
      await acquaint();
      const ref = "refs/heads/vibeops/mail/shop";
      await shop.send("One");
      await shop.sync();
      const old = carrier.git("rev-parse", ref).trim();
      await shop.send("Two");
      await shop.sync();
      await infra.sync();
      await shop.sync();
      if (what === "nothing") carrier.git("update-ref", "-d", ref);
      else carrier.git("update-ref", ref, old);
      expect(await infra.sync()).toMatchObject({ peers: [{ problems: [{ code: "mesh.rolled-back" }] }] });
      expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ sent: 0, waiting: [] }] });
      expect(await infra.sync()).toMatchObject({ exit: 0, peers: [{ received: 0, problems: [] }] });
      expect(infra.list("memos/incoming")).toHaveLength(2);
      const head = carrier.git("rev-parse", ref);
      await shop.sync();
      expect(carrier.git("rev-parse", ref)).toBe(head);
    });
  }

  test("so is one that is gone, and another head that claims the same place", async () => {
    const space = await infraAnd();
    space.craft({ sequence: 7, entries: [memo()] });
    await space.infra.sync();
    space.craft({ sequence: 7, entries: [memo()] });
    expect(await space.infra.sync()).toMatchObject({ peers: [{ problems: [{ code: "mesh.rolled-back" }] }] });
    space.hub.git("update-ref", "-d", "refs/heads/vibeops/mail/shop");
    expect(await space.infra.sync()).toMatchObject({ peers: [{ problems: [{ code: "mesh.rolled-back" }] }] });
  });
});

describe("what lies on a ref is data", () => {
  test("links, programs, folders, submodules, odd names and what is too large are left there by name; memos beside them arrive", async () => {
    const space = await infraAnd();
    const good = memo();
    const commit = space.hub.git("mktree", "--missing").trim();
    const kinds = [
      { mode: "120000", bytes: "/etc/passwd", name: memo().name },
      { mode: "100755", bytes: memo().bytes, name: memo().name },
      { mode: "040000", kind: "tree", id: commit, name: memo().name },
      { mode: "160000", kind: "commit", id: "1".repeat(40), name: memo().name },
      { bytes: "x", name: "\u001b[31mred.md" },
      { bytes: "x", name: "-rf" },
      { bytes: "x".repeat(300_000), name: memo().name },
      good,
    ];
    space.craft({ entries: kinds.sort((a, b) => (a.name < b.name ? -1 : 1)) });
    const report = await space.infra.sync();
    expect(report).toMatchObject({ exit: 6, peers: [{ received: 1, problems: [] }] });
    expect(report.peers[0]?.left).toHaveLength(7);
    expect(space.infra.list("memos/incoming")).toEqual([good.name]);
    expect((await space.infra.vibeops("sync")).stdout).not.toContain("\u001b");
  });

  test("what pretends to be a memo and is none is set aside with the reason", async () => {
    const space = await infraAnd();
    const { name } = memo();
    space.craft({ entries: [{ name, bytes: "---\nid: &a x\n---\n" }] });
    expect(await space.infra.sync()).toMatchObject({ peers: [{ received: 0, setAside: [{ name }] }] });
    expect(space.infra.list("memos/quarantine")).toContain(`${name}.reason.md`);
  });

  test("a folder of more entries than anybody reads is refused as a whole, at once", async () => {
    const space = await infraAnd();
    const id = space.hub.git("hash-object", "-w", "--stdin", "-t", "blob").trim();
    space.craft({ entries: Array.from({ length: 30_000 }, (_, i) => ({ id, name: `${100_000 + i}.md` })) });
    expect(await space.infra.sync()).toMatchObject({
      exit: 6,
      peers: [{ problems: [{ code: "mesh.crowded" }] }],
    });
  });

  test("more data than a sync may take ends it by the system's own limit, and nothing is left of it", async () => {
    const space = await infraAnd();
    const noise = join(space.hub.directory, "noise");
    writeFileSync(noise, crypto.getRandomValues(new Uint8Array(65_536)));
    const script = `for i in $(seq 1100); do cat '${noise}'; echo $i; done > '${noise}.big'`;
    await run("sh", ["-c", script]);
    const id = space.hub.git("-c", "core.compression=0", "hash-object", "-w", `${noise}.big`).trim();
    space.craft({ entries: [{ id, name: memo().name }] });
    // Deltas would make it small again, and small is allowed.
    space.hub.git("config", "pack.compression", "0");
    const report = await space.infra.sync();
    expect(report).toMatchObject({ exit: 6, peers: [{ received: 0, problems: [{ code: "mesh.server" }] }] });
    expect(existsSync(join(space.infra.home, ".cache/vibeops/mesh"))).toBe(true);
    expect(space.infra.list("../home-of-infra/.cache/vibeops/mesh")).toEqual([]);
    rmSync(`${noise}.big`);
  });
});

describe("nothing that a remote names is started", () => {
  test("in a folder: neither hooks nor what its configuration names, when we fetch and when we push", async () => {
    const { hub: carrier, shop, infra, acquaint } = shopAndInfraApart();
    await acquaint();
    const marker = join(carrier.directory, "started");
    const script = join(carrier.directory, "evil");
    writeFileSync(script, `#!/bin/sh\necho "$0" >>'${marker}'\n`);
    chmodSync(script, 0o755);
    arm(carrier, script);
    await shop.send("One");
    expect(await shop.sync()).toMatchObject({ exit: 0, peers: [{ sent: 1 }] });
    expect(await infra.sync()).toMatchObject({ exit: 0, peers: [{ received: 1 }] });
    expect(existsSync(marker) ? readFileSync(marker, "utf8") : "").toBe("");
    // They do lie in wait: a plain push starts them.
    shop.git("push", "--quiet", carrier.path, "HEAD:refs/heads/plain");
    expect(readFileSync(marker, "utf8")).toContain("post-receive");
  });

  test.each([
    ["ext::sh -c 'touch started'", "space"],
    ["ext::touch%20started", "'::'"],
    ["http://example.com/mail.git", "http"],
    ["git://example.com/mail.git", "git"],
    ["https://me:secret@example.com/mail.git", "password"],
    ["ssh://-oProxyCommand=touch/mail.git", "host"],
    ["ssh://git@example.com/my mail.git", "space"],
    ["git@example.com:my mail.git", "space"],
    ["file://example.com/mail.git", "no folder of this machine"],
    ["file:///mail%00.git", "'%'"],
    ["file:///100%/mail.git", "'%'"],
  ])("the address %s is refused", async (address, word) => {
    const { infra } = shopAndInfraApart(() => address);
    const report = await infra.sync();
    expect(report).toMatchObject({ exit: 6, peers: [{ problems: [{ code: "mesh.address" }] }] });
    expect(report.peers[0]?.problems[0]?.message).toContain(word);
    expect(existsSync(join(infra.root, "started"))).toBe(false);
  });
});

function arm(carrier: Hub, script: string): void {
  for (const hook of [
    "pre-receive",
    "update",
    "post-receive",
    "post-update",
    "reference-transaction",
    "proc-receive",
  ]) {
    symlinkSync(script, join(carrier.path, "hooks", hook));
  }
  for (const key of [
    "core.fsmonitor",
    "core.alternateRefsCommand",
    "core.sshCommand",
    "uploadpack.packObjectsHook",
  ]) {
    carrier.git("config", key, script);
  }
  carrier.git("config", "core.hooksPath", join(carrier.path, "hooks"));
  carrier.git("config", "gc.recentObjectsHook", script);
  const alternate = join(carrier.directory, "alternate/objects");
  mkdirSync(alternate, { recursive: true });
  mkdirSync(join(carrier.path, "objects/info"), { recursive: true });
  writeFileSync(join(carrier.path, "objects/info/alternates"), `${alternate}\n`);
}

describe("a server that hangs", () => {
  const hanging = () => {
    const space = shopAndInfraApart(() => "ssh://git@host.example/mail.git");
    const fake = join(space.hub.directory, "ssh");
    const pids = join(space.hub.directory, "pids");
    // It starts something of its own that holds our pipes, as a master connection of ssh would.
    writeFileSync(fake, `#!/bin/sh\nsleep 600 &\necho $! >>'${pids}'\nwait\n`);
    chmodSync(fake, 0o755);
    const context = { ...space.infra.context, env: { ...space.infra.context.env, GIT_SSH_COMMAND: fake } };
    const stillRunning = () =>
      readFileSync(pids, "utf8")
        .trim()
        .split("\n")
        .filter(
          (pid) => existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "),
        );
    return { project: loadProject(space.infra.root), context, stillRunning };
  };

  test("is left when its time is up, with all that was started for it", async () => {
    const { project, context, stillRunning } = hanging();
    const report = await syncMail(project, context, { timeoutMs: 1500 });
    expect(report.peers[0]?.problems).toMatchObject([{ code: "mesh.unreachable" }]);
    expect(stillRunning()).toEqual([]);
  });

  test("ends at once when somebody presses Ctrl-C", async () => {
    const { project, context, stillRunning } = hanging();
    const stop = new AbortController();
    const syncing = syncMail(project, context, { signal: stop.signal });
    setTimeout(() => stop.abort(), 1000);
    await expect(syncing).rejects.toMatchObject({ code: "mesh.interrupted" });
    expect(stillRunning()).toEqual([]);
  });
});

async function run(command: string, args: readonly string[]): Promise<void> {
  await new Promise((resolve) => spawn(command, args).on("close", resolve));
}

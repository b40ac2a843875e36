import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planMemoPreparation, prepareMemo } from "../../src/deploy/prepare-memo.ts";
import { findPending, type StoredMemo } from "../../src/memo/mailbox.ts";
import type { Context } from "../../src/platform/context.ts";
import { loadProject, type Project } from "../../src/project/project.ts";
import { lintRunbook } from "../../src/runbook/lint-runbook.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { formatSeal } from "../../src/runbook/seal.ts";
import { shopAndInfra, type TestProject } from "../helpers/workspace.ts";
import { FIXTURES, memoText } from "./fixture.ts";

const COMPLETE = readFileSync(join(FIXTURES, "compose-complete/block.yaml"), "utf8");
const INVENTORY = readFileSync(join(FIXTURES, "compose-complete/inventory.yaml"), "utf8");
const ITEMS = [
  "Prepare the Compose configuration",
  "Write the runbook and the Caddy site",
  "Deploy it",
  "Set the DNS records",
];

interface Stage {
  infra: TestProject;
  shop: TestProject;
  project: Project;
  context: Context & { setNow: (now: string) => void };
  memo: () => StoredMemo;
  prepare: (options?: Parameters<typeof prepareMemo>[2]) => ReturnType<typeof prepareMemo>;
}

/** A deployment memo has arrived in infra's inbox. */
async function arrived(block = COMPLETE, inventory = INVENTORY): Promise<Stage> {
  const { shop, infra, context } = shopAndInfra();
  infra.write("inventory.yaml", inventory);
  infra.git("add", "inventory.yaml");
  infra.git("commit", "--quiet", "-m", "Hosts");
  const [, body = ""] = memoText(block, ITEMS).split(/^---\n\n/m);
  const sent = await shop.pipe(
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
  );
  expect(sent).toMatchObject({ exit: 0 });
  const [name = ""] = infra.list("memos/incoming");
  const project = loadProject(infra.root);
  const memo = () => findPending(infra.root, name, context.now());
  return {
    infra,
    shop,
    project,
    context,
    memo,
    prepare: (options = {}) => prepareMemo(project, memo(), options, context),
  };
}

/** The sender's correction, as a person would make it in the received file. */
function correct({ infra, memo }: Stage, from: string, to: string): void {
  const { path, memo: before } = memo();
  expect(before.text).toContain(from);
  writeFileSync(path, before.text.replace(from, to));
  infra.git("add", "memos");
  infra.git("commit", "--quiet", "-m", "Correct the memo");
}

const errorsOf = (stage: Stage, id: string) =>
  lintRunbook(stage.project, loadRunbook(stage.project, id).runbook).filter(
    (finding) => finding.level === "error",
  );

describe("a host whose Caddy is a project of ours", () => {
  const hostsWith = (image: string) =>
    `hosts: { web1: { proxy: { kind: caddy-compose, image: "docker.io/library/caddy:${image}" } } }\n`;
  const BLOG = `service: blog
version: 2.0.0
artifacts: [{ image: "ghcr.io/acme/blog:2.0.0" }]
ports: ["8080:3000"]
domains: [blog.example.com]
`;

  test("is brought up to date by whichever of its services is prepared next", async () => {
    const stage = await arrived(COMPLETE, hostsWith("2.10.1"));
    await stage.prepare();
    stage.infra.write("inventory.yaml", hostsWith("2.10.2"));
    stage.infra.git("commit", "--quiet", "-am", "Caddy");
    const [, body = ""] = memoText(BLOG, ITEMS).split(/^---\n\n/m);
    const words = ["--to", "sysadmin@infra", "--type", "deployment", "--body", "-"];
    await stage.shop.pipe(body, "memo", "new", "Deploy blog", ...words);
    const name = stage.infra.list("memos/incoming").find((one) => one.includes("blog")) ?? "";
    const stored = findPending(stage.infra.root, name, stage.context.now());
    const report = await prepareMemo(stage.project, stored, {}, stage.context);
    expect(report.kept).toEqual([]);
    expect(stage.infra.read("deploy/caddy-web1/compose.yaml")).toContain("caddy:2.10.2");
  });
});

describe("a port of the host", () => {
  test("that the inventory gives to another service is no free one", async () => {
    const others = (ports: string) =>
      `hosts: { web1: { proxy: { kind: caddy } } }\nservices: { other: { host: web1, ports: [${ports}] } }\n`;
    const block = 'service: shop\nversion: 1.2.0\nartifacts: [{ image: "a/b:1" }]\nports: [3000]\n';
    const stage = await arrived(block, others('"3000:80", "127.0.0.1:3001:80", "10.0.0.1:3002:80"'));
    await stage.prepare();
    expect(stage.infra.read("deploy/shop/compose.yaml")).toContain("127.0.0.1:3002:3000");
    const wanted = await arrived(block.replace("[3000]", '["3000:3000"]'), others('"3000:80"'));
    expect((await wanted.prepare()).questions[0]).toMatchObject({ id: "port-taken" });
    const proxy = await arrived(block.replace("[3000]", '["443:3000"]'), others(""));
    expect((await proxy.prepare()).questions[0]).toMatchObject({ id: "port-taken" });
  });
});

describe("a first preparation", () => {
  test("writes configuration and a runbook that lint accepts, answers the sender, and is one commit", async () => {
    const stage = await arrived();
    const { infra, shop, context } = stage;
    const report = await stage.prepare();
    expect(report.written.map((file) => file.path)).toEqual([
      "deploy/shop/compose.yaml",
      "deploy/shop/shop.caddy",
      "deploy/shop/env.example",
      `runbooks/${report.runbook?.id}/runbook.md`,
      "deploy/shop/prepared.yaml",
    ]);
    expect(errorsOf(stage, report.runbook?.id ?? "")).toEqual([]);
    expect(report.reply).toMatchObject({ to: "developer@shop", outcome: "delivered" });
    expect(shop.read(`memos/incoming/${shop.list("memos/incoming")[0]}`)).toContain("## Open questions");
    expect(infra.read("STATE.md")).toContain("2026-11-20 Prepared shop 1.2.0 for web1");
    expect(infra.git("log", "-1", "--format=%s").trim()).toBe("Prepare shop 1.2.0 for web1");
    expect(infra.git("status", "--porcelain", "deploy", "runbooks", "STATE.md", "memos/sent")).toBe("");
    expect(context.now().toISOString()).toBe("2026-11-20T14:32:11.000Z");
  });

  test("ticks what it did and leaves what only a person does", async () => {
    const stage = await arrived();
    const report = await stage.prepare();
    expect(report.ticked).toEqual([
      "Prepare the Compose configuration",
      "Write the runbook and the Caddy site",
    ]);
    const { text } = stage.memo().memo;
    expect(text).toContain(
      "- [x] Prepare the Compose configuration\n- [x] Write the runbook and the Caddy site",
    );
    expect(text).toContain("- [ ] Deploy it\n- [ ] Set the DNS records");
  });

  test("planned only, it writes nothing at all", async () => {
    const stage = await arrived();
    const before = stage.infra.git("status", "--porcelain");
    const plan = await planMemoPreparation(stage.project, stage.memo(), {}, stage.context);
    expect(
      plan.files.every((file) => file.action === "create" && file.diff.includes(`+++ b/${file.path}`)),
    ).toBe(true);
    expect(stage.infra.git("status", "--porcelain")).toBe(before);
    expect(stage.infra.list("deploy")).toEqual([]);
  });

  test("a box whose work has an open hole stays open", async () => {
    const stage = await arrived("service: shop\nversion: 1.2.0\n");
    const report = await stage.prepare();
    expect(report.ticked).toEqual([]);
    expect(report.questions.filter((question) => question.blocking).map((question) => question.id)).toEqual([
      "image-missing",
      "port-missing",
    ]);
    expect(errorsOf(stage, report.runbook?.id ?? "")).toEqual([]);
  });
});

describe("the host", () => {
  test("that nobody names is asked for with the lines to add, and nothing is written", async () => {
    const stage = await arrived(COMPLETE, "hosts: { web1: {}, web2: {} }\n");
    await expect(stage.prepare()).rejects.toMatchObject({
      code: "deploy.no-host",
      exit: 6,
      fix: expect.stringContaining("services:\n  shop: { host: web1 | web2 }"),
    });
    expect(stage.infra.list("deploy")).toEqual([]);
    expect((await stage.prepare({ host: "web2" })).host).toBe("web2");
  });

  test("that does not exist is refused with the nearest name", async () => {
    const stage = await arrived();
    await expect(stage.prepare({ host: "web2" })).rejects.toMatchObject({
      code: "deploy.unknown-host",
      message: expect.stringContaining("did you mean 'web1'?"),
    });
  });

  test("gives each of its services a loopback port of its own, and keeps it from version to version", async () => {
    const stage = await arrived();
    const other = {
      memo: "20261119T143211Z-7k3qfp2m",
      block: "0".repeat(64),
      version: "1",
      host: "web1",
      port: 3000,
      files: {},
    };
    stage.infra.write("deploy/blog/prepared.yaml", JSON.stringify(other));
    const report = await stage.prepare();
    expect(stage.infra.read("deploy/shop/compose.yaml")).toContain('"127.0.0.1:3001:3000"');
    expect(report.questions.find((question) => question.id === "port-host")?.question).toContain(
      "apart from the other services",
    );
    stage.infra.write("deploy/blog/prepared.yaml", JSON.stringify({ ...other, port: 4000 }));
    correct(stage, "version: 1.2.0", "version: 1.2.1");
    await stage.prepare();
    expect(stage.infra.read("deploy/shop/shop.caddy")).toContain("reverse_proxy 127.0.0.1:3001");
  });
});

describe("prepared again", () => {
  test("nothing changes while the memo stands as it was", async () => {
    const stage = await arrived();
    await stage.prepare();
    const head = stage.infra.git("rev-parse", "HEAD");
    stage.context.setNow("2026-11-21T09:00:00Z");
    const again = await stage.prepare();
    expect(again).toMatchObject({ written: [], kept: [], ticked: [], reply: null, commit: null });
    expect(stage.infra.git("rev-parse", "HEAD")).toBe(head);
    expect(stage.shop.list("memos/incoming")).toHaveLength(1);
  });

  test("a changed memo updates the same runbook, after a yes", async () => {
    const stage = await arrived();
    const first = await stage.prepare();
    correct(stage, "version: 1.2.0", "version: 1.2.1");
    let asked = "";
    const confirm = async (plan: { files: readonly { diff: string }[] }) => {
      asked = plan.files.map((file) => file.diff).join("");
      return false;
    };
    expect(await stage.prepare({ confirm })).toMatchObject({ written: [], commit: null });
    expect(asked).toContain("-# shop 1.2.0 for web1");
    expect(stage.infra.read("deploy/shop/compose.yaml")).toContain("# shop 1.2.0 for web1");
    const second = await stage.prepare({ confirm: async () => true });
    expect(second.runbook?.id).toBe(first.runbook?.id);
    expect(stage.infra.read("deploy/shop/compose.yaml")).toContain("# shop 1.2.1 for web1");
    expect(stage.infra.read(second.runbook?.path ?? "")).toContain("title: Deploy shop 1.2.1 to web1");
    expect(errorsOf(stage, second.runbook?.id ?? "")).toEqual([]);
  });

  test("a runbook that somebody approved stays as it is; what changed goes into a new one", async () => {
    const stage = await arrived();
    const first = await stage.prepare();
    const approved = stage.infra.read(first.runbook?.path ?? "");
    stage.infra.write(`runbooks/${first.runbook?.id}/approvals/0123456789abcdef.yaml`, "approved\n");
    expect(await stage.prepare()).toMatchObject({ written: [], runbook: first.runbook });
    correct(stage, "version: 1.2.0", "version: 1.2.1");
    const second = await stage.prepare();
    expect(second.runbook?.id).not.toBe(first.runbook?.id);
    expect(second.replaced).toBeNull();
    expect(stage.infra.read(first.runbook?.path ?? "")).toBe(approved);
  });

  test("a runbook that was closed, after a way back say, is never walked again: a new one is written", async () => {
    const stage = await arrived();
    const first = await stage.prepare();
    const id = first.runbook?.id ?? "";
    const sha = "0".repeat(64);
    const created = "2026-11-20T15:00:00.000Z";
    const runbook = { id, sha256: sha };
    const seal = {
      runbook,
      outcome: "rolled-back",
      records: [],
      closer: "ada@example.com",
      created,
    } as const;
    stage.infra.write(`runbooks/${id}/seal.yaml`, formatSeal(seal));
    stage.infra.write(`runbooks/${id}/seal.yaml.sig`, "signed\n");
    const second = await stage.prepare();
    expect(second.runbook?.id).not.toBe(id);
    expect(errorsOf(stage, second.runbook?.id ?? "")).toEqual([]);
    expect(await stage.prepare()).toMatchObject({ written: [], runbook: second.runbook });
  });

  test("a runbook that nobody decided on and another memo's takes the place of is named", async () => {
    const stage = await arrived();
    const first = await stage.prepare();
    expect(first.replaced).toBeNull();
    const [, body = ""] = memoText(COMPLETE.replace("1.2.0", "1.3.0"), ITEMS).split(/^---\n\n/m);
    stage.context.setNow("2026-11-21T14:32:11Z");
    const words = ["Deploy shop", "--to", "sysadmin@infra", "--type", "deployment", "--body", "-"];
    expect(await stage.shop.pipe(body, "memo", "new", ...words)).toMatchObject({ exit: 0 });
    const name = stage.infra.list("memos/incoming").find((file) => file.startsWith("20261121")) ?? "";
    const next = findPending(stage.infra.root, name, stage.context.now());
    const second = await prepareMemo(stage.project, next, {}, stage.context);
    expect(second.runbook?.id).not.toBe(first.runbook?.id);
    expect(second.replaced).toBe(first.runbook?.id);
  });

  test("a file that a person edited is kept, shown, and what the runbook installs", async () => {
    const stage = await arrived();
    await stage.prepare();
    const edited = stage.infra.read("deploy/shop/compose.yaml").replace("pids_limit: 256", "pids_limit: 64");
    stage.infra.write("deploy/shop/compose.yaml", edited);
    correct(stage, "cpus: 0.5", "cpus: 1");
    const report = await stage.prepare();
    expect(report.kept.map((file) => file.path)).toEqual(["deploy/shop/compose.yaml"]);
    expect(report.kept[0]?.diff).toContain("-    pids_limit: 64\n+    cpus: 1\n+    pids_limit: 256");
    expect(stage.infra.read("deploy/shop/compose.yaml")).toBe(edited);
    expect(stage.infra.read(report.runbook?.path ?? "")).toContain("    pids_limit: 64\n");
    expect(report.questions.map(({ id }) => id)).toContain("file-edited:deploy/shop/compose.yaml");
    expect(errorsOf(stage, report.runbook?.id ?? "")).toEqual([]);
    expect((await stage.prepare()).kept).toHaveLength(1);
    expect(stage.infra.read("deploy/shop/compose.yaml")).toBe(edited);
  });

  test("the diff that is asked about holds what would be written; what a person edited is named and not shown", async () => {
    const { infra, prepare } = await arrived();
    await infra.vibeops("session", "start");
    await prepare();
    infra.write("deploy/shop/compose.yaml", "services: {} # mine\n");
    infra.git("add", "deploy");
    infra.git("commit", "--quiet", "-m", "My own");
    const [name = ""] = infra.list("memos/incoming");
    const changed = infra.read(`memos/incoming/${name}`).replaceAll("1.2.0", "1.3.0");
    infra.write(`memos/incoming/${name}`, changed);
    for (const more of [["--dry-run"], []]) {
      const shown = await infra.vibeops("prepare", name.slice(0, 25), ...more);
      const text = shown.stdout + shown.stderr;
      expect(text).toContain("+  VERSION: 1.3.0");
      expect(text).toContain("Left alone, because a person edited it: deploy/shop/compose.yaml");
      expect(text).not.toContain("--- a/deploy/shop/compose.yaml");
    }
  });

  test("a file that was there before any preparation is a person's", async () => {
    const stage = await arrived();
    stage.infra.write("deploy/shop/compose.yaml", "services: {}\n");
    const report = await stage.prepare();
    expect(report.kept.map((file) => file.path)).toEqual(["deploy/shop/compose.yaml"]);
    expect(stage.infra.read("deploy/shop/compose.yaml")).toBe("services: {}\n");
  });

  test("a file that was deleted is made anew", async () => {
    const stage = await arrived();
    await stage.prepare();
    stage.infra.git("rm", "--quiet", "deploy/shop/env.example");
    expect((await stage.prepare()).written.map((file) => file.path)).toEqual(["deploy/shop/env.example"]);
  });
});

test("cut off before its commit, it is finished when it is repeated: files, one line in STATE.md, the answer", async () => {
  const { infra, shop, prepare } = await arrived();
  const first = await prepare();
  // What is on the disk when it is killed at the last moment before HEAD moves: nothing has been delivered then.
  infra.git("reset", "--quiet", "--mixed", "HEAD~");
  for (const name of shop.list("memos/incoming")) rmSync(join(shop.root, "memos/incoming", name));
  const again = await prepare();
  expect(shop.list("memos/incoming")).toHaveLength(1);
  expect(again.runbook).toEqual(first.runbook);
  expect(again.reply).toMatchObject({ outcome: "delivered" });
  expect(infra.git("status", "--porcelain", "--", "deploy", "runbooks", "STATE.md")).toBe("");
  const state = infra.git("show", "HEAD:STATE.md");
  expect(state.split(first.runbook?.id ?? "none")).toHaveLength(2);
  const done = infra.git("rev-parse", "HEAD");
  expect(await prepare()).toMatchObject({ commit: null, reply: null });
  expect(infra.git("rev-parse", "HEAD")).toBe(done);
});

test("cut off when its reply was queued, it sends one reply, whoever sends it", async () => {
  const { infra, shop, prepare } = await arrived();
  const first = await prepare();
  infra.git("reset", "--quiet", "--mixed", "HEAD~");
  // The next session sends what lies in the queue before it prepares anything.
  const again = await prepare();
  expect(again.reply).toMatchObject({ id: first.reply?.id, outcome: "duplicate" });
  expect(shop.list("memos/incoming")).toHaveLength(1);
  expect(infra.list(`memos/sent/${first.reply?.id.slice(0, 4)}-${first.reply?.id.slice(4, 6)}`)).toHaveLength(
    1,
  );
});

test("cut off before its manifest, it goes on with the runbook that it wrote", async () => {
  const { infra, prepare } = await arrived();
  const first = await prepare();
  infra.git("reset", "--quiet", "--mixed", "HEAD~");
  rmSync(join(infra.root, "deploy/shop/prepared.yaml"));
  const again = await prepare();
  expect(again.runbook).toEqual(first.runbook);
  expect(infra.list("runbooks")).toEqual([first.runbook?.id]);
  expect(infra.git("status", "--porcelain", "--", "deploy", "runbooks")).toBe("");
});

test("a runbook that somebody else writes meanwhile is not taken for its own", async () => {
  const { infra, prepare } = await arrived();
  const first = await prepare();
  infra.git("reset", "--quiet", "--mixed", "HEAD~");
  rmSync(join(infra.root, "deploy/shop/prepared.yaml"));
  const path = first.runbook?.path ?? "";
  infra.write(path, `${infra.read(path)}\nOne more line.\n`);
  const again = await prepare();
  expect(again.runbook?.id).not.toBe(first.runbook?.id);
  expect(infra.read(path)).toContain("One more line.");
});

test("a link where the service's folder should be is refused, and what it points to stays empty", async () => {
  const stage = await arrived();
  const outside = join(stage.infra.root, "../outside");
  mkdirSync(outside);
  mkdirSync(join(stage.infra.root, "deploy"));
  symlinkSync(outside, join(stage.infra.root, "deploy/shop"));
  await expect(stage.prepare()).rejects.toMatchObject({ code: "file.symlink" });
  expect(stage.infra.list("../outside")).toEqual([]);
});

describe("a rehearsal as a plain process", () => {
  const inventory = (directory: string) =>
    `hosts: { rehearsal: { transport: local, tier: local, runtime: process, directory: "${directory}" } }\n`;

  test("takes the full commit out of the sender's repository", async () => {
    const stage = await arrived("service: shop\nversion: 1.2.0\n", inventory("/tmp/demo host"));
    const commit = stage.shop.git("rev-parse", "HEAD").trim();
    const block = `artifacts: [{ image: "shop:1.2.0", command: [node, server.js] }]\nports: [3000]\nsource: { commit: ${commit.slice(0, 10)} }\n`;
    expect((await stage.prepare()).runbook).toBeNull();
    correct(stage, "version: 1.2.0\n", `version: 1.2.0\n${block}`);
    const report = await stage.prepare();
    const text = stage.infra.read(report.runbook?.path ?? "");
    expect(text).toContain(`commit: ${commit}\n`);
    expect(text).toContain('directory: "/tmp/demo host/shop"');
    expect(errorsOf(stage, report.runbook?.id ?? "")).toEqual([]);
  });

  test("without a commit that exists there is no runbook, and the sender is asked", async () => {
    const block =
      'service: shop\nversion: 1.2.0\nartifacts: [{ image: "shop:1.2.0", command: [node, server.js] }]\nports: [3000]\nsource: { commit: 0000000000 }\n';
    const stage = await arrived(block, inventory("/tmp/demo"));
    const report = await stage.prepare();
    expect(report.runbook).toBeNull();
    expect(report.questions.filter((question) => question.blocking).map((question) => question.id)).toEqual([
      "commit-missing",
    ]);
    expect(report.reply).not.toBeNull();
    expect(await stage.prepare()).toMatchObject({ written: [], commit: null });
  });
});

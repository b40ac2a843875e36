import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadProject } from "../../src/project/project.ts";
import { compileRunbook } from "../../src/runbook/compile-runbook.ts";
import { lintRunbook } from "../../src/runbook/lint-runbook.ts";
import { projectSource } from "../../src/runbook/project-files.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { shopAndInfra, type TestProject } from "../helpers/workspace.ts";
import { carryOut } from "./carried-out.ts";
import { memoText } from "./fixture.ts";

const INVENTORY = `hosts:
  web1: { address: deploy@web1.example.com, proxy: { kind: caddy } }
services:
  shop: { host: web1 }
`;

function blockOf(version: string, more = ""): string {
  return `service: shop
version: ${version}
artifacts: [{ image: "ghcr.io/acme/shop:${version}" }]
ports: [3000]
domains: [shop.example.com]
env: [{ name: GREETING, required: true, secret: false }]
volumes: [{ name: data, path: /data, backup: "tar -cf /var/backups/shop.tar /srv" }]
data: { stateful: true }
health: { path: /healthz }
rollback: { data: tar -xf /var/backups/shop.tar }
${more}`;
}

const GOLDEN = join(import.meta.dirname, "../fixtures/deploy-rollback/runbook.md");

/** As it was reviewed, whatever the ids and the commit are. `UPDATE_GOLDEN=1` writes it anew. */
function expectGolden(text: string): void {
  const ids: string[] = [];
  const plain = text
    .replace(/\b[0-9a-f]{40}\b/g, "COMMIT")
    .replace(/\b[0-9a-f]{64}\b/g, "HASH")
    .replace(/\d{8}T\d{6}Z-[0-9a-z]{8}/g, (id) => {
      if (!ids.includes(id)) ids.push(id);
      return `ID-${ids.indexOf(id) + 1}`;
    });
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(GOLDEN, plain);
  expect(plain).toBe(readFileSync(GOLDEN, "utf8"));
}

const BACKUP = `### 1. Back up the data

\`\`\`yaml action
use: backup.create
host: web1
with: { kind: restic, repository: /srv/restic, password_file: /srv/restic.key, paths: [/srv/volumes/shop_data] }
\`\`\`

`;

interface Stage {
  infra: TestProject;
  /** A memo comes, and is prepared and carried out; returns the runbook's id. */
  deploy: (version: string, more?: string, edit?: (runbook: string) => string) => Promise<string>;
  prepare: (version: string, more?: string) => Promise<string>;
  rollBack: (
    ...words: string[]
  ) => Promise<{ exit: number; stderr: string; result: Record<string, unknown> }>;
}

function stage(inventory = INVENTORY): Stage {
  const { shop, infra, context } = shopAndInfra();
  infra.write("inventory.yaml", inventory);
  infra.git("add", "inventory.yaml");
  infra.git("commit", "--quiet", "-m", "Hosts");
  let hour = 10;
  const prepare = async (version: string, more = "") => {
    hour += 1;
    context.setNow(`2026-11-21T${hour}:00:00Z`);
    const [, body = ""] = memoText(blockOf(version, more), ["Write the runbook"]).split(/^---\n\n/m);
    const words = ["--to", "sysadmin@infra", "--type", "deployment", "--body", "-"];
    await shop.pipe(body, "memo", "new", `Deploy shop ${version}`, ...words);
    const name = infra.list("memos/incoming").find((one) => one.includes(version.replaceAll(".", "-"))) ?? "";
    const prepared = await infra.vibeops("prepare", name, "--yes", "--json");
    expect(prepared.exit, prepared.stdout).toBe(0);
    return JSON.parse(prepared.stdout).result.runbook.id as string;
  };
  return {
    infra,
    prepare,
    deploy: async (version, more, edit = (text) => text) => {
      const id = await prepare(version, more);
      const path = `runbooks/${id}/runbook.md`;
      const project = loadProject(infra.root);
      infra.write(path, compileRunbook(edit(infra.read(path)), path, projectSource(project)));
      infra.git("add", "--all");
      infra.git("commit", "--quiet", "--allow-empty", "-m", "Look it over");
      carryOut(infra, id, `2026-11-21T${hour}:30:00Z`, `20261121T${hour}3000Z-0000000${hour % 10}`);
      return id;
    },
    rollBack: async (...words) => {
      hour += 1;
      context.setNow(`2026-11-21T${hour}:00:00Z`);
      const { exit, stdout, stderr } = await infra.vibeops(
        "prepare",
        "--rollback",
        ...words,
        "--yes",
        "--json",
      );
      const { result, error } = JSON.parse(stdout);
      return { exit, stderr, result: result ?? error };
    },
  };
}

const withBackup = (text: string) => {
  let number = 0;
  return text.replace("## Steps\n\n", `## Steps\n\n${BACKUP}`).replace(/^### (?:\d+\. )/gm, () => {
    number += 1;
    return `### ${number}. `;
  });
};

function errorsOf(infra: TestProject, id: string) {
  const project = loadProject(infra.root);
  return lintRunbook(project, loadRunbook(project, id).runbook).filter(({ level }) => level === "error");
}

const idOf = (result: Record<string, unknown>) => (result.runbook as { id: string }).id;
const titles = (infra: TestProject, id: string) =>
  loadRunbook(loadProject(infra.root), id).runbook.steps.map(({ title }) => title);

describe("the way back to a version", () => {
  test("is a runbook that lint accepts, with the configuration as git has it, in one commit", async () => {
    const { infra, deploy, rollBack } = stage();
    await deploy("1.2.0");
    const before = infra.read("deploy/shop/compose.yaml");
    await deploy("1.3.0");
    const { exit, result } = await rollBack("shop");
    expect(exit, JSON.stringify(result)).toBe(0);
    expect(result).toMatchObject({
      service: "shop",
      version: "1.2.0",
      from: "1.3.0",
      host: "web1",
      removed: [],
    });
    expect(infra.read("deploy/shop/compose.yaml")).toBe(before);
    expect(errorsOf(infra, idOf(result))).toEqual([]);
    expect(titles(infra, idOf(result))).toEqual([
      "Check the variables",
      "Install the Compose file",
      "Fetch the image",
      "Start 1.2.0",
      "Ask it on the loopback address",
      "Install the site",
      "Let Caddy check its configuration",
      "Let Caddy say what it would write otherwise",
      "Let Caddy use it",
      "Ask it through shop.example.com",
    ]);
    const text = infra.read(`runbooks/${idOf(result)}/runbook.md`);
    expect(text).toContain("title: Roll back shop to 1.2.0 on web1");
    expect(text).toContain("image: ghcr.io/acme/shop:1.2.0");
    expect(text).toContain("No record names a backup of the data as 1.2.0 left it");
    expect(text).toContain("Nobody said whether 1.3.0 changed the shape of the data.");
    // The memo's own command would write over the backup of that time.
    expect(text).not.toMatch(/^tar -cf/m);
    expect(infra.git("status", "--porcelain")).toBe("");
    expect(infra.git("log", "-1", "--format=%s").trim()).toBe(
      "Prepare the way back of shop to 1.2.0 on web1",
    );
    expect(infra.read("STATE.md")).toContain("Prepared the way back of shop from 1.3.0 to 1.2.0");
  });

  test("prepared once more changes nothing, and once it was carried out that version is the one that runs", async () => {
    const { infra, deploy, rollBack } = stage();
    await deploy("1.2.0");
    await deploy("1.3.0");
    const first = await rollBack("shop");
    const head = infra.git("rev-parse", "HEAD");
    const second = await rollBack("shop", "--to", "1.2.0");
    expect(second.result).toMatchObject({ runbook: first.result.runbook, committed: null });
    expect(infra.git("rev-parse", "HEAD")).toBe(head);
    carryOut(infra, idOf(first.result), "2026-11-21T20:00:00Z", "20261121T200000Z-00000009");
    const forwards = await rollBack("shop");
    expect(forwards.result).toMatchObject({ from: "1.2.0", version: "1.3.0" });
  });

  test("puts back the backup that the record of the next deployment names, and keeps what is there now first", async () => {
    const { infra, deploy, rollBack } = stage();
    await deploy("1.2.0");
    const maker = await deploy("1.3.0", "", withBackup);
    const { result } = await rollBack("shop");
    const { runbook } = loadRunbook(loadProject(infra.root), idOf(result));
    expect(errorsOf(infra, idOf(result))).toEqual([]);
    const names = runbook.steps.map(({ title, action }) => action?.use ?? title);
    expect(names.slice(3, 7)).toEqual(["Stop shop", "backup.create", "backup.restore", "compose.up"]);
    expect(runbook.steps[5]?.action?.with).toMatchObject({
      kind: "restic",
      repository: "/srv/restic",
      paths: ["/srv/volumes/shop_data"],
      made_by: maker,
      target: "/",
    });
    expect(runbook.risks.join("\n")).toMatch(/Data written after 2026-11-21T12:30:\d\d\.000Z is lost/);
    expectGolden(infra.read(`runbooks/${idOf(result)}/runbook.md`));
    const kept = await rollBack("shop", "--keep-data");
    expect(titles(infra, idOf(kept.result))).not.toContain("Stop shop");
    expect(infra.read(`runbooks/${idOf(kept.result)}/runbook.md`)).toContain(
      "The data stays as it is, as was asked for.",
    );
  });

  test("takes no backup that was made before, or when the data may have had another shape", async () => {
    const { infra, deploy, rollBack } = stage();
    await deploy("1.1.0", "", withBackup);
    await deploy("1.2.0");
    await deploy("1.3.0");
    await deploy("1.4.0", "", withBackup);
    const { result } = await rollBack("shop", "--to", "1.2.0");
    expect(result).toMatchObject({ from: "1.4.0", backups: [] });
    expect(titles(infra, idOf(result))).not.toContain("Stop shop");
  });

  test("brings back what a person had edited, takes away what only the later version had, and names a migration", async () => {
    const { infra, prepare, deploy, rollBack } = stage();
    await prepare("1.2.0");
    infra.write("deploy/shop/compose.yaml", `${infra.read("deploy/shop/compose.yaml")}# by hand\n`);
    infra.git("commit", "--quiet", "-am", "By hand");
    const edited = infra.read("deploy/shop/compose.yaml");
    const [id = ""] = readdirSync(join(infra.root, "runbooks"));
    const path = `runbooks/${id}/runbook.md`;
    infra.write(path, compileRunbook(infra.read(path), path, projectSource(loadProject(infra.root))));
    infra.git("commit", "--quiet", "-am", "Compile");
    carryOut(infra, id, "2026-11-21T11:30:00Z", "20261121T113000Z-00000001");
    infra.git("rm", "--quiet", "deploy/shop/compose.yaml");
    infra.git("commit", "--quiet", "-m", "Anew");
    await deploy(
      "1.3.0",
      'depends_on: [{ name: db, image: "postgres:16.4" }]\ntests: { command: npm test }\n',
      (text) => text,
    );
    expect(infra.list("deploy/shop")).toContain("db.env.example");
    const { result } = await rollBack("shop");
    expect(infra.read("deploy/shop/compose.yaml")).toBe(edited);
    expect(result.removed).toEqual(["deploy/shop/db.env.example"]);
    expect(infra.list("deploy/shop")).not.toContain("db.env.example");
    expect(errorsOf(infra, idOf(result))).toEqual([]);
    expect(infra.read(`runbooks/${idOf(result)}/runbook.md`)).toContain("# by hand");
  });
});

test("what a person laid beside the configuration comes back byte for byte, also where it is no text", async () => {
  const { infra, deploy, rollBack } = stage();
  const logo = join(infra.root, "deploy/shop/logo.png");
  const same = join(infra.root, "deploy/shop/same.der");
  const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe, 0x00, 0x80]);
  await deploy("1.2.0");
  writeFileSync(logo, bytes);
  writeFileSync(same, bytes);
  infra.git("add", "--all");
  infra.git("commit", "--quiet", "-m", "A logo");
  await deploy("1.3.0");
  writeFileSync(logo, bytes.subarray(4));
  infra.git("commit", "--quiet", "-am", "Another logo");
  await deploy("1.4.0");
  const { result } = await rollBack("shop");
  expect(result).toMatchObject({ version: "1.3.0" });
  expect(readFileSync(logo)).toEqual(bytes);
  expect(readFileSync(same)).toEqual(bytes);
  expect(infra.git("show", "--format=", "--name-only", "HEAD")).not.toContain("same.der");
  expect(infra.git("status", "--porcelain")).toBe("");
});

test("to a version that ran on another host says that nothing is stopped where the later one runs", async () => {
  const { infra, deploy, rollBack } = stage();
  await deploy("1.2.0");
  const host = "  web2: { address: deploy@web2.example.com, proxy: { kind: caddy } }\n";
  infra.write(
    "inventory.yaml",
    INVENTORY.replace("services:", `${host}services:`).replace("host: web1", "host: web2"),
  );
  infra.git("commit", "--quiet", "-am", "Move");
  await deploy("1.3.0");
  const { result } = await rollBack("shop");
  expect(result).toMatchObject({ host: "web1", version: "1.2.0" });
  const text = infra.read(`runbooks/${idOf(result)}/runbook.md`);
  expect(text).toContain("1.3.0 runs on web2 since");
  expect(text).toContain("nothing here stops it on web2, brings its data from there");
});

describe("a host whose proxy is a project of ours", () => {
  const OWN = INVENTORY.replace("kind: caddy ", "kind: caddy-compose ");

  test("keeps it as it is when one of its services goes back: the others stand behind it too", async () => {
    const { infra, deploy, rollBack } = stage(OWN);
    await deploy("1.2.0");
    await deploy("1.3.0");
    const { result } = await rollBack("shop");
    expect(errorsOf(infra, idOf(result))).toEqual([]);
    expect(titles(infra, idOf(result))).toEqual([
      "Check the variables",
      "Install the Compose file",
      "Fetch the image",
      "Start 1.2.0",
      "Install the site",
      "Let Caddy check its configuration",
      "Let Caddy use it",
      "Ask it through shop.example.com",
    ]);
    expect(infra.read(`runbooks/${idOf(result)}/runbook.md`)).not.toContain("deploy/caddy-web1/");
  });
});

describe("there is no way back", () => {
  test("to configuration that nobody made: for another proxy than then, or another way to run it", async () => {
    const { infra, deploy, rollBack } = stage();
    await deploy("1.2.0");
    await deploy("1.3.0");
    infra.write("inventory.yaml", INVENTORY.replace("kind: caddy ", "kind: nginx "));
    expect(await rollBack("shop")).toMatchObject({
      exit: 7,
      result: { code: "rollback.files", message: expect.stringContaining("deploy/shop/shop.conf") },
    });
    infra.write("inventory.yaml", INVENTORY.replace("proxy:", "runtime: process, proxy:"));
    expect(await rollBack("shop")).toMatchObject({
      exit: 7,
      result: { code: "rollback.steps", message: expect.stringMatching(/runs shop as process now/) },
    });
    expect(infra.list("runbooks")).toHaveLength(2);
  });

  test("of a service that the trail does not know: the ones that it does are named", async () => {
    const { deploy, rollBack } = stage();
    await deploy("1.2.0");
    expect(await rollBack("shpo")).toMatchObject({
      exit: 3,
      result: {
        code: "rollback.service",
        message: expect.stringMatching(/did you mean 'shop'/),
        fix: expect.stringMatching(/shop/),
      },
    });
  });

  test("to a version that was never deployed, or to none: the versions in the trail are listed", async () => {
    const { deploy, prepare, rollBack } = stage();
    await deploy("1.2.0");
    expect(await rollBack("shop")).toMatchObject({
      exit: 3,
      result: { code: "rollback.none", message: expect.stringMatching(/only version/) },
    });
    await prepare("1.3.0");
    expect(await rollBack("shop", "--to", "1.3.0")).toMatchObject({
      exit: 3,
      result: {
        code: "rollback.version",
        message: expect.stringMatching(/never carried out/),
        fix: expect.stringMatching(/1\.2\.0 \(deployed 2026-11-21.*1\.3\.0 \(prepared/),
      },
    });
    expect(await rollBack("shop", "--to", "1.2.1")).toMatchObject({
      exit: 3,
      result: {
        code: "rollback.version",
        message: expect.stringMatching(/has no shop 1\.2\.1; did you mean 1\.2\.0/),
      },
    });
  });

  test("over changes that are in no commit", async () => {
    const { infra, deploy, rollBack } = stage();
    await deploy("1.2.0");
    await deploy("1.3.0");
    infra.write("deploy/shop/compose.yaml", "# mine\n");
    expect(await rollBack("shop")).toMatchObject({ exit: 7, result: { code: "rollback.uncommitted" } });
    expect(infra.read("deploy/shop/compose.yaml")).toBe("# mine\n");
  });

  test("together with a memo, and --to goes with --rollback only", async () => {
    const { infra } = stage();
    expect(await infra.vibeops("prepare")).toMatchObject({ exit: 2 });
    expect(await infra.vibeops("prepare", "x", "--to", "1.2.0")).toMatchObject({ exit: 2 });
    expect(await infra.vibeops("prepare", "x", "--rollback", "shop")).toMatchObject({ exit: 2 });
  });
});

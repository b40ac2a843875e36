import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type TestProject, workspace } from "../helpers/workspace.ts";

let infra: TestProject;

beforeEach(() => {
  infra = workspace().project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  infra.write("inventory.yaml", "hosts:\n  web1: { tier: live }\n");
});

const runbooks = () => infra.list("runbooks");

async function refused(...argv: string[]) {
  const said = await infra.vibeops("runbook", "new", ...argv, "--json");
  expect(runbooks()).toEqual([]);
  return { exit: said.exit, ...JSON.parse(said.stdout).error };
}

test("without --from it is an empty skeleton, for the only host there is, in one commit", async () => {
  const made = await infra.vibeops("runbook", "new", "Replace the disk: soon", "--json");
  const { result } = JSON.parse(made.stdout);
  expect(made.exit).toBe(0);
  expect(result).toMatchObject({ title: "Replace the disk: soon", template: "empty", hosts: ["web1"] });
  const text = infra.read(`runbooks/${result.id}/runbook.md`);
  const sections = ["Summary", "Risks", "Open questions", "Before you start", "Steps", "Verification"];
  for (const section of sections) expect(text).toContain(`\n## ${section}\n`);
  expect(text).toContain("author: sysadmin@infra");
  expect(infra.git("log", "-1", "--format=%H %s", "--name-only").trim().split(/\n+/)).toEqual([
    `${result.commit} New runbook ${result.id}: Replace the disk: soon`,
    `runbooks/${result.id}/runbook.md`,
  ]);
  expect(infra.git("status", "--porcelain", "runbooks")).toBe("");
  expect(readdirSync(join(infra.root, ".vibeops")).filter((name) => name.startsWith("new-"))).toEqual([]);
});

test("--set changes a variable in the front matter, in actions and in what is installed", async () => {
  const made = await infra.vibeops(
    ...["runbook", "new", "Harden", "--from", "harden-server", "--set", "SSH_PORT=2222", "--json"],
  );
  const { files } = JSON.parse(made.stdout).result;
  expect(infra.read(files.at(-1))).toContain('  SSH_PORT: "2222" # where sshd listens');
  const rules = files.find((path: string) => path.endsWith("nftables.conf"));
  expect(infra.read(rules)).toContain("tcp dport 2222 accept");
  expect(infra.read(files.at(-1))).toContain("tcp dport 2222 accept");
});

test("--list names each template, what it is for, and what can be set; --json says the same", async () => {
  const said = await infra.vibeops("runbook", "new", "--list");
  expect(said.exit).toBe(0);
  expect(said.stdout).toContain("schedule-backups");
  expect(said.stdout).toContain("REPOSITORY=/var/backups/restic");
  const { templates } = JSON.parse((await infra.vibeops("runbook", "new", "--list", "--json")).stdout).result;
  expect(templates.find(({ name }: { name: string }) => name === "move-service")).toMatchObject({
    hosts: ["from", "to"],
    about: expect.stringContaining("another host"),
    variables: expect.arrayContaining([{ name: "DATA", value: "/srv/shop/data", what: expect.anything() }]),
  });
});

test("--dry-run shows all of it and writes nothing", async () => {
  const said = await infra.vibeops("runbook", "new", "Back up", "--from", "schedule-backups", "--dry-run");
  expect(said.exit).toBe(0);
  expect(said.stdout).toContain("files/backup.sh");
  expect(said.stdout).toContain("## Verification");
  expect(runbooks()).toEqual([]);
});

test("an unknown template is refused with the names of those there are", async () => {
  const error = await refused("Harden", "--from", "harden-servr");
  expect(error).toMatchObject({ exit: 3, code: "template.missing" });
  expect(error.message).toContain("did you mean harden-server?");
  expect(error.fix).toContain("schedule-backups");
  expect(await refused("x", "--from", "../../secret")).toMatchObject({ exit: 3, code: "template.missing" });
});

test("a variable that the template does not declare, and a value that would break out of a quote, are refused", async () => {
  const from = ["Harden", "--from", "harden-server", "--set"];
  expect(await refused(...from, "SSH_PRT=22")).toMatchObject({ exit: 2, fix: "did you mean SSH_PORT?" });
  expect(await refused(...from, "COLOUR=red")).toMatchObject({
    exit: 2,
    fix: expect.stringContaining("ADMIN_USER"),
  });
  expect(await refused(...from, "SSH_PORT")).toMatchObject({ exit: 2, code: "usage.set" });
  expect(await refused(...from, "SSH_PORT=1", "--set", "SSH_PORT=2")).toMatchObject({ exit: 2 });
  for (const value of ["", 'a"b', "it's", "`id`", "a\\b", "a\nb", "a\u202eb"]) {
    expect(await refused(...from, `SSH_PORT=${value}`)).toMatchObject({ exit: 2, code: "usage.set" });
  }
});

test("nobody chooses a host for the person: none, another, too few or one twice are errors", async () => {
  expect(await refused("x", "--host", "web9")).toMatchObject({
    exit: 3,
    code: "host.missing",
    fix: expect.stringContaining("web1"),
  });
  const move = ["x", "--from", "move-service"];
  expect(await refused(...move)).toMatchObject({ exit: 6, code: "host.unnamed" });
  expect(await refused(...move, "--host", "web1")).toMatchObject({ exit: 2, code: "host.unnamed" });
  expect(await refused(...move, "--host", "web1", "--host", "web1")).toMatchObject({ exit: 2 });
  infra.write("inventory.yaml", "hosts:\n  web1: {}\n  web2: {}\n");
  expect(await refused("x")).toMatchObject({ exit: 6, code: "host.unnamed" });
  expect((await infra.vibeops("runbook", "new", "x", "--host", "web2")).exit).toBe(0);
});

test("a template gives a runbook its title, unless it is told", async () => {
  const said = await infra.vibeops("runbook", "new", "--from", "take-down-service", "--json");
  const made = JSON.parse(said.stdout).result;
  expect(made.title).toBe("Take down service: web1");
  expect(infra.read(`runbooks/${made.id}/runbook.md`)).toContain('\ntitle: "Take down service: web1"\n');
});

test("a title is one visible line, and an empty runbook has no other", async () => {
  expect(await refused()).toMatchObject({ exit: 2, code: "usage.title" });
  expect(await refused("a\nb")).toMatchObject({ exit: 2, code: "usage.title" });
  expect(await refused(" ")).toMatchObject({ exit: 2, code: "usage.title" });
});

test("a value that looks like a secret is not committed", async () => {
  const token = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`;
  const error = await refused("x", "--from", "harden-server", "--set", `ADMIN_USER=${token}`);
  expect(error).toMatchObject({ exit: 5, code: "runbook.secret" });
});

test("a project's own template stands in for ours and can be one more; what is wrong with it is said with its line", async () => {
  const own = (about: string, step: string) =>
    `---\nabout: ${about}\nhosts: [host]\nvariables:\n  UNIT: nginx\n---\n\n## Steps\n\n### 1. Restart\n\n${step}\n\n## Verification\n\n\`\`\`sh check host={{host}}\ntrue\n\`\`\`\n`;
  const restart = '```yaml action\nuse: service.restart\nhost: {{host}}\nwith: { unit: "{{UNIT}}" }\n```';
  infra.write("templates/runbooks/restart-unit.md", own("restart a unit", restart));
  const made = await infra.vibeops(
    ...["runbook", "new", "Restart", "--from", "restart-unit", "--set", "UNIT=caddy", "--json"],
  );
  const { id } = JSON.parse(made.stdout).result;
  expect(infra.read(`runbooks/${id}/runbook.md`)).toContain("restart -- caddy.service");
  expect(JSON.parse((await infra.vibeops("runbook", "lint", id, "--json")).stdout).result.findings).toEqual(
    [],
  );

  const broken = async (text: string) => {
    infra.write("templates/runbooks/restart-unit.md", text);
    const said = await infra.vibeops("runbook", "new", "x", "--from", "restart-unit", "--json");
    return JSON.parse(said.stdout).error;
  };
  const file = expect.stringContaining("templates/runbooks/restart-unit.md");
  expect(await broken(own("x", "```yaml action\nuse: service.restrat\nhost: {{host}}\n```"))).toMatchObject({
    code: "action.unknown",
    file,
    line: 12,
  });
  expect(await broken(own("x", "{{NOBODY}}"))).toMatchObject({
    code: "template.unknown-name",
    file,
    line: 12,
  });
  expect(await broken("---\nabuot: x\nhosts: [host]\n---\n")).toMatchObject({
    code: "template.header",
    file,
    line: 2,
    fix: "did you mean about?",
  });
  expect(await broken("---\nabout: x\nhosts: [title]\n---\n")).toMatchObject({ line: 3 });
});

test("where the commit is refused nothing stays behind", async () => {
  const lock = infra.write(".git/refs/heads/main.lock", "");
  const said = await infra.vibeops("runbook", "new", "x", "--json");
  expect(JSON.parse(said.stdout)).toMatchObject({ ok: false });
  expect(runbooks()).toEqual([]);
  expect(existsSync(lock)).toBe(true);
});

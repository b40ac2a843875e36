import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { InventoryHost } from "../../src/project/inventory.ts";
import { identifyHost } from "../../src/runbook/host-identity.ts";

const host: InventoryHost = { transport: "ssh", tier: "live", runtime: "compose", directory: "/srv" };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vibeops-test-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What `web1` is under this configuration of ssh. */
async function resolve(config: string, address?: string): Promise<string> {
  writeFileSync(join(folder, "config"), config);
  const ssh = execFileSync("which", ["ssh"], { encoding: "utf8" }).trim();
  writeFileSync(join(folder, "ssh"), `#!/bin/sh\nexec ${ssh} -F ${folder}/config "$@"\n`);
  chmodSync(join(folder, "ssh"), 0o755);
  const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder };
  const entry = address === undefined ? host : { ...host, address };
  return (await identifyHost("web1", entry, env)).resolved;
}

const PLAIN = "Host web1\n  HostName 192.0.2.1\n  User deploy\n";

test("a host is who logs in, where, and at which port", async () => {
  expect(await resolve(PLAIN)).toBe("deploy@192.0.2.1:22");
  expect(await resolve(PLAIN, "root@web1")).toBe("root@192.0.2.1:22");
});

test.each([
  ["user", PLAIN.replace("deploy", "root"), "root@192.0.2.1:22"],
  ["port", `${PLAIN}  Port 2222\n`, "deploy@192.0.2.1:2222"],
  ["alias of the host key", `${PLAIN}  HostKeyAlias db1\n`, "deploy@192.0.2.1:22 with the key of db1"],
  ["proxy command", `${PLAIN}  ProxyCommand nc %h %p\n`, "deploy@192.0.2.1:22 over nc %h %p"],
])("another %s in the configuration is another identity", async (_, config, expected) => {
  expect(await resolve(config)).toBe(expected);
});

test("the key that logs in says nothing about the machine: two people have one each", async () => {
  expect(await resolve(`${PLAIN}  IdentityFile ~/.ssh/other\n`)).toBe("deploy@192.0.2.1:22");
});

test("a jump host is named with where it leads, so that its alias cannot move unnoticed", async () => {
  const jump = (name: string) =>
    `${PLAIN}  ProxyJump ops@bastion:2200,[2001:db8::1]:23\nHost bastion\n  HostName ${name}\nHost *\n  User me\n`;
  expect(await resolve(jump("192.0.2.7"))).toBe(
    "deploy@192.0.2.1:22 over ops@bastion:2200 (ops@192.0.2.7:2200) over [2001:db8::1]:23 (me@2001:db8::1:23)",
  );
  expect(await resolve(jump("192.0.2.8"))).toContain("(ops@192.0.2.8:2200)");
});

test("jump hosts that lead over each other come to an end", async () => {
  const config =
    "Host web1\n  ProxyJump a\nHost a\n  ProxyJump b\nHost b\n  ProxyJump a\nHost *\n  User me\n";
  expect(await resolve(config)).toContain("over a (me@a:22 over b (me@b:22 over a (");
});

test("no command of the configuration runs when a host is identified", async () => {
  const config = `${PLAIN}  PermitLocalCommand yes\n  LocalCommand touch ${folder}/local\n  ProxyCommand touch ${folder}/proxy\n  KnownHostsCommand /usr/bin/touch ${folder}/known\n`;
  await resolve(config);
  for (const name of ["local", "proxy", "known"]) expect(existsSync(join(folder, name))).toBe(false);
});

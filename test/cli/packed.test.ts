import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../helpers/directory.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** What npm would publish, unpacked, with the packages that its package.json asks for and no others beside it. */
function unpacked(): string {
  const folder = temporaryDirectory();
  // Not built again: other tests run what is built.
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const [made] = JSON.parse(execFileSync("npm", args, { cwd: ROOT, encoding: "utf8" })) as [
    { filename: string },
  ];
  execFileSync("tar", ["--extract", "--gzip", "--file", join(folder, made.filename)], { cwd: folder });
  const place = join(folder, "package");
  const { dependencies } = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(place, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), link);
  }
  return place;
}

test("what npm would publish runs: the demo, a session, the tools, the library; and its README leads nowhere outside", () => {
  const place = unpacked();
  const home = temporaryDirectory();
  const env = { PATH: process.env.PATH, HOME: home, NO_COLOR: "1" };
  const run = (cwd: string, args: readonly string[], input = "") =>
    execFileSync(process.execPath, [join(place, "bin/vibeops.js"), ...args], {
      ...{ cwd, env, input, encoding: "utf8" },
    });
  expect(run(home, ["--version"])).toMatch(/^\d+\.\d+\.\d+\n$/);
  const demo = join(home, "demo");
  expect(run(home, ["demo", demo])).toContain("vibeops runbook approve");
  const infra = join(demo, "infra");
  expect(run(infra, ["session", "start"])).toContain("infra (sysadmin)");
  expect(run(infra, ["runbook", "new", "--from", "harden-server"])).toContain("runbook");
  expect(run(infra, ["lint", "."])).toContain("0 errors");
  const hello = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  };
  const call = { jsonrpc: "2.0", id: 1, method: "initialize", params: hello };
  expect(run(infra, ["mcp"], `${JSON.stringify(call)}\n`)).toContain('"serverInfo"');
  const library = `import("vibeops").then((all) => console.log(Object.keys(all).length > 0))`;
  mkdirSync(join(home, "node_modules"));
  symlinkSync(place, join(home, "node_modules/vibeops"));
  expect(
    execFileSync(process.execPath, ["--input-type=module", "-e", library], {
      cwd: home,
      env,
      encoding: "utf8",
    }),
  ).toBe("true\n");
  const readme = readFileSync(join(place, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path ?? "");
  expect(links.filter((path) => !existsSync(join(place, path)))).toEqual([]);
  expect(links.length).toBeGreaterThan(3);
});

import { describe, expect, it } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import {
  type DeploymentBlock,
  formatDeployment,
  readDeployment,
  readReceivedDeployment,
} from "../../src/memo/deployment.ts";
import { type Memo, parseMemo } from "../../src/memo/memo.ts";
import fc from "../helpers/property.ts";

function memoOf(yaml: string): { text: string } {
  return { text: `---\nid: x\n---\n\n## Deployment\n\n\`\`\`yaml\n${yaml}\`\`\`\n` };
}

function read(yaml: string): DeploymentBlock {
  return readDeployment(memoOf(yaml), "m.md").block;
}

describe("readDeployment", () => {
  it("needs a service and a version, and keeps a version as it is written", () => {
    expect(read("service: shop\nversion: 1.10\n")).toEqual({ service: "shop", version: "1.10" });
  });

  it("writes short forms out", () => {
    const block = read(`service: shop
version: 1.2.0
artifacts: [{ image: ghcr.io/acme/shop:1.2.0, command: node server.js }, { static: dist }, { migration: npm run migrate }]
ports: [3000, "8080:80", { container: 9000, host: 9001, protocol: udp }]
domains: [shop.example.com]
env: [DATABASE_URL, LOG_LEVEL, { name: PORT, required: false, secret: false, description: where it listens }]
depends_on: [cache, { name: db, kind: database, image: "postgres:16" }]
volumes: ["data:/var/lib/shop", { name: up, path: /up, backup: restic }]
data: { stateful: true, migrations: npm run migrate, backup: nightly }
resources: { memory: 512Mi, cpus: 0.5 }
health: { path: /healthz, port: 3000, command: [wget, -q, "http://localhost"] }
verify: [/healthz, "https://shop.example.com/", { path: /, expect: Welcome }]
rollback: { to: 1.1.9, data: restore the dump }
owner: ops@example.com
source: { commit: 1a3e64c, author: mixed, tool: claude }
tests: { command: npm test, coverage: 82.5 }
`);
    expect(block).toEqual({
      service: "shop",
      version: "1.2.0",
      artifacts: [
        { image: "ghcr.io/acme/shop:1.2.0", command: ["node", "server.js"] },
        { static: "dist" },
        { migration: "npm run migrate" },
      ],
      ports: [
        { container: 3000 },
        { container: 80, host: 8080 },
        { container: 9000, host: 9001, protocol: "udp" },
      ],
      domains: ["shop.example.com"],
      env: [
        { name: "DATABASE_URL", required: true, secret: true },
        { name: "LOG_LEVEL", required: true, secret: false },
        { name: "PORT", required: false, secret: false, description: "where it listens" },
      ],
      depends_on: [{ name: "cache" }, { name: "db", kind: "database", image: "postgres:16" }],
      volumes: [
        { name: "data", path: "/var/lib/shop" },
        { name: "up", path: "/up", backup: "restic" },
      ],
      data: { stateful: true, migrations: "npm run migrate", backup: "nightly" },
      resources: { memory: "512m", cpus: 0.5 },
      health: { path: "/healthz", port: 3000, command: ["wget", "-q", "http://localhost"] },
      verify: [{ path: "/healthz" }, { url: "https://shop.example.com/" }, { path: "/", expect: "Welcome" }],
      rollback: { to: "1.1.9", data: "restore the dump" },
      owner: "ops@example.com",
      source: { commit: "1a3e64c", author: "mixed", tool: "claude" },
      tests: { command: "npm test", coverage: 82.5 },
    });
  });

  it("knows the line of each part in the file", () => {
    const { line, lineOf } = readDeployment(memoOf("service: a\nversion: 1\nports:\n  - 80\n"));
    expect([line, lineOf(["version"]), lineOf(["ports", 0])]).toEqual([7, 9, 11]);
  });

  it.each([
    ["service: shop\n", 7, "version is missing", "add version"],
    ["servce: shop\nversion: 1\n", 8, "unknown key servce; did you mean service?", "write service"],
    ["service: a\nversion: 1\nports:\n  - 80\n  - contaner: 1\n", 12, "did you mean container?", ""],
    [
      "service: a\nversion: 1\nports: [99999]\n",
      10,
      "ports[0] must lie between 1 and 65535",
      "correct ports[0]",
    ],
    ["service: a\nversion: 1\nports: 80\n", 10, "ports must be a list", ""],
    ["service: a\nversion: 1\nenv: [{name: A, value: x}]\n", 10, "unknown key env[0].value", "delete it"],
    [
      "service: a\nversion: 1\nenv: [A=b]\n",
      10,
      "env[0] must be the name of a variable, without a value",
      "",
    ],
    ["service: a\nversion: 1\ndata: {stateful: maybe}\n", 10, "data.stateful must be true or false", ""],
    ["service: a\nversion: 1\ndomains: [https://x.example]\n", 10, "domains[0] must be a host name", ""],
    ["service: a\nversion: 1\nverify: [{expect: x}]\n", 10, "verify[0] must name either url or path", ""],
    [
      "service: a\nversion: 1\nsource: {author: robot}\n",
      10,
      "source.author must be one of ai, human, mixed",
      "",
    ],
    ['service: a\nversion: "\\e[31m1"\n', 9, "version must be one line of visible text", ""],
    ["service: a b\nversion: 1\n", 8, "service must be lower-case letters", ""],
    ["- a\n", 7, "the document must be `key: value` lines", ""],
  ])("refuses %j with the line and the fix", (yaml, line, message, fix) => {
    expect(() => read(yaml)).toThrow(
      expect.objectContaining({
        code: "deployment.invalid",
        file: "m.md",
        line,
        message: expect.stringContaining(message),
        fix: expect.stringContaining(fix),
      }),
    );
  });

  it("refuses YAML with aliases, naming the line in the memo", () => {
    expect(() => read("service: &a shop\nversion: *a\n")).toThrow(
      expect.objectContaining({ code: "deployment.yaml-alias", line: 8 }),
    );
  });

  it.each([
    ["# M\n", "deployment.missing"],
    ["## Deployment\n\n- a list\n", "deployment.missing"],
    ["## Context\n\n```yaml\nservice: a\n```\n", "deployment.missing"],
    ["## Deployment\n\n```yaml\na: b\n```\n\n```yaml\na: b\n```\n", "deployment.several"],
  ])("refuses %j", (text, code) => {
    expect(() => readDeployment({ text })).toThrow(
      expect.objectContaining({ code, fix: expect.any(String) }),
    );
  });
});

describe("readReceivedDeployment", () => {
  const memo = (text: string, from = "shop") =>
    ({
      ...parseMemo(Buffer.from(MEMO), { now: new Date("2026-11-20T15:00:00Z") }),
      text,
      from: { role: "developer", project: from },
    }) as Memo;
  const MEMO =
    "---\nid: 20261120T143211Z-7k3qfp2m\nfrom: developer@shop\nto: sysadmin@infra\nsubject: x\n---\n\n## Completion\n";

  it.each([
    "# M\n",
    "## Deployment\n\n```yaml\nservce: a\n```\n",
    "## Deployment\n\n```yaml\na: &x b\n```\n",
  ])("its receiver is told to ask the sender: %j", (text) => {
    const error = catchError(() => readReceivedDeployment(memo(text)));
    expect(error.code).toBe(catchError(() => readDeployment({ text })).code);
    expect(error.fix).toContain("ask the sender: vibeops memo reply 20261120T143211Z-7k3qfp2m");
    for (const issue of (error.facts?.issues ?? []) as { fix: string }[])
      expect(issue.fix).toContain("ask the sender: ");
  });

  it("who sent it to themselves mends it", () => {
    expect(catchError(() => readReceivedDeployment(memo("# M\n", "infra"))).fix).toContain("add a section");
  });
});

function catchError(act: () => unknown): VibeopsError {
  try {
    act();
  } catch (error) {
    if (error instanceof VibeopsError) return error;
  }
  return expect.fail("nothing was refused");
}

describe("formatDeployment", () => {
  it("writes what reads back the same", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
    const line = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/[^\x20-\x7e]/.test(text));
    const port = fc.integer({ min: 1, max: 65_535 });
    const block = fc.record(
      {
        service: word,
        version: fc.constantFrom("1", "1.10", "0x10", "1e3", "2026-11-20", "v1.2.0-rc.1"),
        artifacts: fc.array(fc.oneof(fc.record({ static: line }), fc.record({ migration: line }))),
        ports: fc.uniqueArray(fc.record({ container: port, host: port }, { requiredKeys: ["container"] }), {
          selector: ({ container }) => container,
        }),
        env: fc.uniqueArray(
          fc.record({
            name: fc.constantFrom("A", "NO", "TRUE_"),
            required: fc.boolean(),
            secret: fc.boolean(),
          }),
          { selector: ({ name }) => name },
        ),
        data: fc.record({ stateful: fc.boolean(), backup: line }, { requiredKeys: [] }),
        resources: fc.record({ cpus: fc.constantFrom(0.5, 1, 2.25), memory: fc.constantFrom("256m", "1g") }),
        owner: line,
        tests: fc.record({ command: line, coverage: fc.constantFrom(0, 82.5, 100) }),
      },
      { requiredKeys: ["service", "version"] },
    );
    fc.assert(
      fc.property(block, (given) => {
        expect(read(formatDeployment(given as DeploymentBlock))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });
});

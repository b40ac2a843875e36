import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { packagedTemplates } from "../../src/project/templates.ts";
import { shopAndInfra, type TestProject } from "../helpers/workspace.ts";

interface Result {
  score: number;
  passed: boolean;
  items: { id: string; isAnswered: boolean; answers: { sources: string[] }[]; open: { id: string }[] }[];
}

async function assess(project: TestProject, ...argv: string[]): Promise<Result & { exit: number }> {
  const { stdout, exit } = await project.vibeops("readiness", ...argv, "--json");
  return { ...(JSON.parse(stdout) as { result: Result }).result, exit };
}

const ANSWERED = [
  "service: shop",
  "version: 1.2.0",
  "domains: [shop.example.com]",
  "certificates: by Caddy",
  "data: { stateful: true, migrations: adds a column }",
  "volumes: ['data:/data']",
  "rollback: { to: 1.1.0, data: restore the backup of the night }",
  "owner: Kim, +49 123",
  "cost: { monthly: 5 EUR, limit: 10 EUR }",
  "traffic: ten requests a minute",
  "downtime: one minute at night",
];

function memo(project: TestProject, lines: readonly string[]): string {
  const id = "20261120T143211Z-7k3qfp2m";
  const header = `---\nid: ${id}\nfrom: developer@shop\nto: sysadmin@infra\nsubject: Deploy\ntype: deployment\n---\n`;
  return project.write("draft.md", `${header}\n## Deployment\n\n\`\`\`yaml\n${lines.join("\n")}\n\`\`\`\n`);
}

test("a memo that answers all is ready, and each answer names its line", async () => {
  const { infra } = shopAndInfra();
  memo(infra, ANSWERED);
  const result = await assess(infra, "draft.md", "--min", "100");
  expect(result).toMatchObject({ score: 100, passed: true, exit: 0 });
  const lines = infra.read("draft.md").split("\n");
  for (const { id, answers } of result.items) {
    for (const { sources } of answers) {
      const number = Number(/^draft\.md:(\d+)$/.exec(sources[0] ?? "")?.[1]);
      expect(lines[number - 1], id).toMatch(/^[a-z_]+: /);
    }
  }
});

test.each(ANSWERED.slice(2).filter((line) => !/^volumes/.test(line)))(
  "without %s something is open, and the gate says no",
  async (line) => {
    const { infra } = shopAndInfra();
    memo(
      infra,
      ANSWERED.filter((one) => one !== line),
    );
    const result = await assess(infra, "draft.md", "--min", "100");
    expect(result.score).toBeLessThan(100);
    expect(result).toMatchObject({ passed: false, exit: 4 });
  },
);

test("a folder answers what its files say, and the rest is open", async () => {
  const { shop } = shopAndInfra();
  shop.write("Dockerfile", "FROM node:20.19\nVOLUME /data\n");
  const result = await assess(shop);
  const state = result.items.find(({ id }) => id === "state");
  expect(state?.isAnswered).toBe(true);
  expect(state?.answers[0]?.sources).toEqual(["Dockerfile:2 VOLUME (the name is ours)"]);
  expect(result.items.find(({ id }) => id === "owner")?.open.map(({ id }) => id)).toEqual(["owner-missing"]);
});

test("every open point asks what prepare asks: the questions stand in one list", () => {
  const read = (name: string) =>
    parse(readFileSync(join(packagedTemplates(), "deploy", name), "utf8")) as Record<
      string,
      { asks: string[] }
    >;
  const questions = Object.keys(read("questions.yaml"));
  const asked = Object.values(read("readiness.yaml")).flatMap(({ asks }) => asks);
  expect(asked.filter((id) => !questions.includes(id))).toEqual([]);
});

test.each(["-1", "101", "half"])("--min %s is refused", async (value) => {
  const { shop } = shopAndInfra();
  expect((await shop.vibeops("readiness", ".", `--min=${value}`)).exit).toBe(2);
});

test("scan shows facts with their lines, what is open, and the block; a broken file ends it with 4", async () => {
  const { shop } = shopAndInfra();
  shop.write("Dockerfile", "FROM node:20.19\nEXPOSE 3000\n");
  const good = await shop.vibeops("scan");
  expect(good.exit).toBe(0);
  expect(good.stdout).toContain("ports 3000: Dockerfile:2 EXPOSE");
  expect(good.stdout).toContain("Not known");
  expect(good.stdout).toContain("```yaml\nservice: shop\nports:\n  - 3000\n");
  shop.write("compose.yaml", "services: [\n");
  const broken = await shop.vibeops("scan", ".", "--json");
  expect(broken.exit).toBe(4);
  const { result } = JSON.parse(broken.stdout) as { result: { findings: { file: string; line: number }[] } };
  expect(result.findings[0]).toMatchObject({ rule: "scan.yaml", file: "compose.yaml" });
});

test("scan takes the Compose files and the service that somebody names, in their order", async () => {
  const { shop } = shopAndInfra();
  shop.write("a.yaml", "services:\n  api: { image: 'acme/api:1' }\n  web: { image: 'acme/web:1' }\n");
  shop.write("b.yaml", "services:\n  api: { image: 'acme/api:2' }\n");
  const argv = ["scan", ".", "--compose", "a.yaml", "--compose", "b.yaml", "--service"];
  const { stdout } = await shop.vibeops(...argv, "api");
  expect(stdout).toContain("artifacts acme/api:2: b.yaml:2 image");
  expect((await shop.vibeops(...argv, "none")).exit).toBe(3);
});

test("a path where nothing lies is told as one, and not looked for among the memos", async () => {
  const { shop } = shopAndInfra();
  const { stdout, exit } = await shop.vibeops("readiness", "../nowhere", "--json");
  expect(exit).toBe(3);
  const { error } = JSON.parse(stdout) as { error: { code: string; fix: string } };
  expect(error).toMatchObject({ code: "scan.folder", fix: expect.stringContaining("readiness") });
});

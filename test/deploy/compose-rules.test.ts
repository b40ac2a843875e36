import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { planPreparation } from "../../src/deploy/prepare.ts";
import { parseRunbook } from "../../src/runbook/parse-runbook.ts";
import fc from "../helpers/property.ts";
import { composeFixtureNames, findTemplate, fixtureInput, fixtureNames, inputFor } from "./fixture.ts";

const INVENTORY = "hosts: { web1: { proxy: { kind: caddy } } }\n";

interface ComposeService {
  [key: string]: unknown;
  ports?: string[];
  image: string;
  healthcheck?: { test: string[] };
  volumes?: string[];
}

function composeOf(files: readonly { path: string; content: string }[]) {
  const text = files.find((file) => file.path.endsWith("/compose.yaml"))?.content ?? "";
  return {
    text,
    document: parse(text) as { name: string; services: Record<string, ComposeService>; version?: string },
  };
}

describe.each(composeFixtureNames())("the Compose file of %s", (name) => {
  const { document, text } = composeOf(planPreparation(fixtureInput(name)).files);
  const services = Object.entries(document.services);

  test("has a project name and no version", () => {
    expect(document.name).toBe("shop");
    expect(document).not.toHaveProperty("version");
  });

  test.each(services)("%s runs with no more rights than it needs", (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      init: true,
      restart: "unless-stopped",
    });
    for (const key of ["privileged", "network_mode", "pid", "ipc", "devices", "userns_mode"])
      expect(service).not.toHaveProperty(key);
    expect(text).not.toContain("docker.sock");
  });

  test.each(services)("%s has limits and a log that is rotated", (_, service) => {
    expect(service).toMatchObject({
      mem_limit: expect.stringMatching(/^[0-9.]+[bkmg]$/),
      cpus: expect.any(Number),
      pids_limit: expect.any(Number),
      logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
    });
  });

  test.each(services)(
    "%s publishes nothing but a loopback port, and only the service itself does",
    (key, service) => {
      expect((service.ports ?? []).every((port) => /^127\.0\.0\.1:\d+:\d+$/.test(port))).toBe(true);
      if (key !== "shop") expect(service).not.toHaveProperty("ports");
    },
  );

  test.each(services)("%s names a pinned image, or refuses to start", (_, service) => {
    expect(service.image).toMatch(/@sha256:[0-9a-f]{64}$|:(?!latest$)[\w.-]+$|^\$\{IMAGE:\?/);
  });

  test.each(services)("%s has no value of a variable in it", (_, service) => {
    expect(service).not.toHaveProperty("environment");
    for (const volume of service.volumes ?? []) expect(volume).toMatch(/^[a-z0-9][a-z0-9_-]*:\//);
  });
});

test("an example of variables holds no value", () => {
  for (const name of composeFixtureNames()) {
    const examples = planPreparation(fixtureInput(name)).files.filter((file) =>
      file.path.endsWith("env.example"),
    );
    expect(examples.length).toBeGreaterThan(0);
    for (const { content } of examples) {
      for (const line of content.split("\n"))
        expect(line).toMatch(/^$|^# .*$|^#$|^#?[A-Za-z_][A-Za-z0-9_]*=$/);
    }
  }
});

/** One line of visible text, with everything that means something to YAML, Compose, Markdown, Caddy or a shell. */
const line = fc
  .string({
    unit: fc.constantFrom(..."ab9 \"'`$\\{}[]()<>#:-|&*!%@?=;,~^é…→".split("")),
    minLength: 1,
    maxLength: 30,
  })
  .map((text) => `x${text}x`);

describe("whatever a memo says", () => {
  test("stays a value: the Compose file and the runbook keep their shape, and say it as it was said", () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        line,
        line,
        line,
        (words, one, other, third) => {
          const block = JSON.stringify({
            service: "shop",
            version: "1.2.0",
            artifacts: [{ image: "ghcr.io/acme/shop:1.2.0", command: words }],
            ports: ["3000"],
            env: [],
            volumes: [{ name: "data", path: "/data", backup: one }],
            data: { stateful: "true", migrations: other },
            health: { path: "/healthz", command: words },
            verify: [{ path: "/", expect: third }],
            rollback: { data: one },
            owner: other,
            source: { author: "ai", tool: third },
            tests: { command: one },
          });
          const plan = planPreparation(inputFor(block, INVENTORY));
          const { document } = composeOf(plan.files);
          const said = (values: unknown) => (values as string[]).map((value) => value.replaceAll("$$", "$"));
          expect(said(document.services.shop?.command)).toEqual(words);
          expect(said(document.services.shop?.healthcheck?.test)).toEqual(["CMD", ...words]);
          expect(Object.keys(document.services)).toEqual(["shop"]);
          const text = plan.files.find((file) => file.path.endsWith("runbook.md"))?.content ?? "";
          const runbook = parseRunbook(text, "runbook.md");
          const titles = runbook.steps
            .map((step) => step.title)
            .filter((title) => title !== "Back up the data");
          expect(titles).toEqual([
            "Install the Compose file",
            "Fetch the image",
            "Start 1.2.0",
            "Ask it on the loopback address",
          ]);
          expect(runbook.text.match(/^## .*$/gm)).toEqual(SECTIONS);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    [
      "a domain that carries directives",
      { domains: ["shop.example.com {\n respond hi\n}"] },
      "deployment.invalid",
    ],
    [
      "an image that carries YAML",
      { artifacts: [{ image: "x:1\n    privileged: true" }] },
      "deployment.invalid",
    ],
    ["a service that is a path", { service: "../../etc" }, "deployment.invalid"],
    [
      "a volume of the host's",
      { volumes: ["/var/run/docker.sock:/var/run/docker.sock"] },
      "deployment.invalid",
    ],
    [
      "a health path with a placeholder",
      { domains: ["shop.example.com"], health: { path: "/{env.SECRET}" } },
      "deploy.health-path",
    ],
  ])("%s is refused", (_, part, code) => {
    const block = JSON.stringify({ service: "shop", version: "1.2.0", ports: ["3000"], ...part });
    expect(() => planPreparation(inputFor(block, INVENTORY))).toThrow(expect.objectContaining({ code }));
  });

  test("an image that is no reference, or can be moved, never reaches the Compose file", () => {
    for (const image of [
      "ghcr.io/acme/shop:latest",
      "ghcr.io/acme/shop",
      "ghcr.io/acme//shop:1",
      "a:b:c",
      "ghcr.io/acme/shop:main",
    ]) {
      const plan = planPreparation(
        inputFor(JSON.stringify({ service: "shop", version: "1", artifacts: [{ image }] }), INVENTORY),
      );
      expect(composeOf(plan.files).document.services.shop?.image).toMatch(
        /^\$\{IMAGE:\?which image is an open question\}$/,
      );
      expect(plan.questions[0]).toMatchObject({ blocking: true, field: "artifacts" });
    }
  });
});

const SECTIONS = [
  "Summary",
  "Risks",
  "Open questions",
  "Before you start",
  "Steps",
  "Verification",
  "Rollback",
].map((title) => `## ${title}`);

const CADDY = "hosts: { web1: { proxy: { kind: caddy } } }\n";
const EARLIER = { memo: "20261119T100000Z-7k3qfp2m", block: "a".repeat(64), version: "1", files: {} };

test("each question of the template is one that some memo is asked, and fills in all its names", () => {
  const ids = ["deploy/questions.yaml", "deploy/target-questions.yaml"].flatMap((name) =>
    [...findTemplate(name).text.matchAll(/^([a-z-]+):$/gm)].map(([, id]) => id),
  );
  const asked = new Set<string>();
  const odd = 'service: shop\nversion: "1"\n';
  const more = [
    'artifacts: [{ image: "a:b:c" }, { image: "b:1" }]\nverify: [{ path: / }]\ndata: { stateful: true }\n',
    'artifacts: [{ image: "b:1" }]\ndomains: [a.example.com]\nports: [3000]\n',
  ].map((rest) => inputFor(`${odd}${rest}`, "hosts: { web1: {} }\n"));
  const process = inputFor(
    `${odd}source: { commit: "0000000" }\n`,
    "hosts: { web1: { runtime: process } }\n",
  );
  const files = inputFor(
    `${odd}artifacts: [{ static: dist }]\ndomains: [a.example.com]\n`,
    "hosts: { web1: {} }\n",
  );
  const unbuilt = fixtureInput("dockerfile-node-open");
  const inputs = [
    ...fixtureNames().map(fixtureInput),
    // Its health is said, and nothing that a Dockerfile could ask.
    { ...unbuilt, block: { ...unbuilt.block, health: { command: ["check"] } } },
    { ...unbuilt, stack: unbuilt.stack === null ? null : { ...unbuilt.stack, assets: "package.json" } },
    ...more,
    { ...process, repository: null, commit: null },
    { ...files, staticFiles: null },
    { ...files, staticFiles: null, repository: null },
    inputFor(`${odd}domains: ["*.example.com"]\n`, "hosts: { web1: { proxy: { kind: traefik } } }\n"),
    inputFor(`${odd}domains: ["*.example.com"]\n`, CADDY),
    {
      ...inputFor(
        `${odd}ports: ["8080:3000", { container: 53, protocol: udp }]\nresources: { cpus: 4 }\n`,
        "hosts: { web1: { cpus: 2 } }\n",
      ),
      taken: [8080],
    },
    { ...inputFor(odd, CADDY), earlier: { ...EARLIER, host: "web0" } },
    { ...process, files: new Map([["deploy/shop/compose.yaml", Buffer.from("services: {}\n")]]) },
  ];
  for (const input of inputs) {
    for (const { id, question, why } of planPreparation(input).questions) {
      asked.add(id.replace(/:.*/, ""));
      expect(question + why).not.toMatch(/\{\{|\}\}/);
    }
  }
  expect([...asked].sort()).toEqual(ids.toSorted());
});

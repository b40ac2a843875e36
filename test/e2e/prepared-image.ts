import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { readStack } from "../../src/deploy/dockerfile/read-stack.ts";
import { planPreparation } from "../../src/deploy/prepare.ts";
import { inputFor } from "../deploy/fixture.ts";
import type { Host } from "./host.ts";

export interface PreparedImage {
  readonly dockerfile: string;
  readonly repository: string;
  /** Its own health check as arguments: the engine here has nobody to run it. */
  readonly health: readonly string[];
}

export type Files = Readonly<Record<string, string>>;

/** A repository without a Dockerfile, and beside it what is prepared for it. */
export function prepareImage(host: Host, files: Files, port = 3000): PreparedImage {
  const folder = mkdtempSync(join(host.directory, "contexts/"));
  const repository = join(folder, "shop");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repository, name)), { recursive: true });
    writeFileSync(join(repository, name), text);
  }
  const input = inputFor(
    `service: shop\nversion: 1.2.0\nports: [${port}]\nhealth: { path: /healthz }\n`,
    "hosts: { web1: {} }\n",
  );
  const { files: prepared } = planPreparation({ ...input, stack: readStack(repository) });
  for (const { path, content } of prepared) {
    if (path.includes("/Dockerfile")) writeFileSync(join(folder, path.replace(/.*\//, "")), content);
  }
  const dockerfile = join(folder, "Dockerfile");
  const check = /^HEALTHCHECK .* CMD (\[.+\])$/m.exec(readFileSync(dockerfile, "utf8"))?.[1] ?? "[]";
  return { dockerfile, repository, health: JSON.parse(check) as string[] };
}

export function buildPrepared(host: Host, { dockerfile, repository }: PreparedImage) {
  return host.run(
    `docker build --quiet --network none --tag localhost/prepared:1.2.0 --file ${dockerfile} --ignorefile ${dockerfile}.dockerignore ${repository}`,
  );
}

/** With the rights that a prepared Compose file leaves a service. */
export async function startReadOnly(host: Host, command = ""): Promise<void> {
  const run =
    "docker run --detach --name prepared --read-only --tmpfs /tmp --tmpfs /app/data --cap-drop ALL --security-opt no-new-privileges --env DATA_DIR=/tmp localhost/prepared:1.2.0";
  const started = await host.run(`${run} ${command}`);
  expect(started.exitCode, started.stderr).toBe(0);
}

/** Until its own health check finds it well, and then removes it. */
export async function expectHealthy(host: Host, check: readonly string[]): Promise<void> {
  const quoted = check.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  let healthy = await host.run(`docker exec prepared ${quoted}`);
  for (let left = 50; left > 0 && healthy.exitCode !== 0; left -= 1) {
    healthy = await host.run(`docker exec prepared ${quoted}`);
  }
  const logs = healthy.exitCode === 0 ? "" : (await host.run("docker logs prepared 2>&1")).stdout;
  expect(healthy.exitCode, `${healthy.stderr}\n${logs}`).toBe(0);
  await host.run("docker rm --force prepared");
}

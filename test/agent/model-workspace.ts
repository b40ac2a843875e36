import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { ScriptedAnswer, SeenRequest } from "../helpers/models/answer.ts";
import { anthropicWire } from "../helpers/models/anthropic-wire.ts";
import { googleWire } from "../helpers/models/google-wire.ts";
import { openAiWire } from "../helpers/models/openai-wire.ts";
import { KEY, serveModel } from "../helpers/models/server.ts";
import { type TestProject, workspace } from "../helpers/workspace.ts";

export const apis = [
  { provider: "anthropic", wire: anthropicWire, base: "" },
  { provider: "openai", wire: openAiWire, base: "/v1" },
  { provider: "google", wire: googleWire, base: "" },
] as const;

export type Api = (typeof apis)[number];

export const INVENTORY = [
  "hosts:",
  "  web1: { transport: ssh, tier: live, directory: /srv }",
  "services:",
  "  shop: { host: web1, path: ../shop }",
  "",
].join("\n");

export const BLOCK = [
  "## Deployment",
  "",
  "```yaml",
  "service: shop",
  "version: 1.2.0",
  "artifacts: [{ image: registry.example.com/shop:1.2.0 }]",
  "ports: [3000]",
  "```",
  "",
].join("\n");

/** A shop, and an infra whose sysadmin is a scripted model behind a vendor's API. */
export async function modelWorkspace(
  api: Api,
  script: readonly ScriptedAnswer[] | ((request: SeenRequest, count: number) => ScriptedAnswer),
) {
  const server = await serveModel(api.wire, script);
  const space = workspace();
  (space.context.env as Record<string, string>).VIBEOPS_API_KEY = KEY;
  const shop = space.project(
    "shop",
    "project: shop\nagents: { developer: { provider: builtin } }\npeers: { infra: { path: ../infra } }\naccepts: [{ from: infra, types: [request, info] }]\n",
  );
  const price = "price: { input: 2, output: 10, cached: 0.5 }";
  const infra = space.project(
    "infra",
    [
      "project: infra",
      `agents: { sysadmin: { provider: ${api.provider}, model: scripted, base_url: "${server.url}${api.base}", ${price} } }`,
      "peers: { shop: { path: ../shop } }",
      "accepts: [{ from: shop, types: [deployment, request, info], until: 2027-06-30 }]",
      "commands: { hello: echo hello there }",
      "",
    ].join("\n"),
  );
  infra.write("inventory.yaml", INVENTORY);
  infra.git("add", ".");
  infra.git("commit", "--quiet", "-m", "Inventory");
  return { space, server, shop, infra };
}

/** Sends a memo of that type from the shop; returns its id. */
export async function send(
  shop: TestProject,
  subject: string,
  body: string,
  type = "request",
): Promise<string> {
  const sent = await shop.pipe(
    body,
    ..."memo new".split(" "),
    subject,
    ..."--to sysadmin@infra --body - --json --type".split(" "),
    type,
    ...["--item", "Write the runbook"],
  );
  const { result } = JSON.parse(sent.stdout);
  return result.memos?.[0]?.id ?? result[0]?.id ?? result.sent?.[0]?.id;
}

/** What git would keep below these folders, with what it holds; what chance decides, ids and hashes of them, left out. */
export function filesOf(project: TestProject, ...folders: string[]): Record<string, string> {
  const listed = project.git("ls-files", "--cached", "--others", "--exclude-standard", ...folders);
  const names = listed.split("\n").filter((name) => name !== "");
  const files = names.filter((name) => lstatSync(join(project.root, name)).isFile());
  return Object.fromEntries(files.map((name) => [withoutChance(name), withoutChance(project.read(name))]));
}

function withoutChance(text: string): string {
  return text.replaceAll(/\d{8}T\d{6}Z-[0-9a-z]{8}/g, "ID").replaceAll(/\b[0-9a-f]{64}\b/g, "HASH");
}

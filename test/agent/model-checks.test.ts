import { describe, expect, test } from "vitest";
import { checkModels } from "../../src/agent/model-checks.ts";
import { loadProject } from "../../src/project/project.ts";
import { KEY } from "../helpers/models/server.ts";
import { apis, modelWorkspace } from "./model-workspace.ts";

describe.each(apis)("doctor, where $provider plays a role,", (api) => {
  async function check(model = "scripted", key = KEY, url?: string) {
    const { server, infra } = await modelWorkspace(api, []);
    await using _ = server;
    const yaml = infra.read("vibeops.yaml").replace("model: scripted", `model: ${model}`);
    infra.write("vibeops.yaml", url === undefined ? yaml : yaml.replace(/http:[^"]+/, url));
    const checks = await checkModels(loadProject(infra.root), { VIBEOPS_API_KEY: key });
    expect(server.seen, "no turn was asked for").toEqual([]);
    return checks;
  }

  test("says which model answers, and which variable the key came from", async () => {
    const what = `sysadmin is scripted of ${api.provider} with the key from VIBEOPS_API_KEY`;
    expect(await check()).toEqual([{ name: "provider.model", status: "ok", what }]);
  });

  test("names a key that the server does not take", async () => {
    const wrong = { name: "provider.key", status: "error", file: "vibeops.yaml" };
    expect(await check("scripted", "another")).toMatchObject([wrong]);
  });

  test("names a model that the server does not know, and the line that asks for it", async () => {
    const [found] = await check("gone-1");
    expect(found).toMatchObject({ name: "provider.model", status: "error", line: 2 });
    expect(found?.what).toContain("does not know that (404)");
  });

  test("only warns of a server that is not there", async () => {
    const [found] = await check("scripted", KEY, `http://127.0.0.1:9${api.base}`);
    expect(found).toMatchObject({ name: "provider.unreachable", status: "warning" });
  });
});

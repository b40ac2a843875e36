import { expect, test } from "vitest";
import { rules, said, scanFiles } from "./folder.ts";

function deployment(container: string, name = "shop"): string {
  const head = `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\n`;
  return `${head}spec:\n  template:\n    spec:\n      containers:\n        - ${container}\n`;
}

const BASE = deployment("{ name: shop, image: 'acme/shop:1.0.0', ports: [{ containerPort: 8080 }] }");

test("a patch of an overlay is no second workload", async () => {
  const scan = await scanFiles({
    "base/deployment.yaml": BASE,
    "overlays/prod/patch.yaml": deployment("{ name: shop, env: [{ name: LOG_LEVEL }] }"),
  });
  expect(scan.conflicts).toEqual([]);
  expect(scan.block).toMatchObject({
    service: "shop",
    artifacts: [{ image: "acme/shop:1.0.0" }],
    ports: [{ container: 8080 }],
    env: [{ name: "LOG_LEVEL" }],
  });
});

test("what two environments say differently of one workload is told, and neither is taken", async () => {
  const scan = await scanFiles(
    { "k8s/prod.yaml": BASE, "k8s/staging.yaml": BASE.replace("1.0.0", "1.1.0-rc.1") },
    { service: "shop" },
  );
  expect(scan.block.artifacts).toBeUndefined();
  expect(said(scan, "artifacts")).toEqual([
    "acme/shop:1.0.0: k8s/prod.yaml:8 image",
    "acme/shop:1.1.0-rc.1: k8s/staging.yaml:8 image",
  ]);
});

test("a route of the Gateway API names hosts as an Ingress does", async () => {
  const route =
    "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: shop }\nspec:\n  hostnames:\n    - shop.example.com\n";
  const scan = await scanFiles({ "k8s/shop.yaml": BASE, "k8s/route.yaml": route });
  expect(said(scan, "domains")).toEqual(["shop.example.com: k8s/route.yaml:6 HTTPRoute hostname"]);
});

test("Terraform's backend is told, which stands inside of another block", async () => {
  const scan = await scanFiles({ "main.tf": 'terraform {\n  backend "s3" {\n    bucket = "x"\n  }\n}\n' });
  expect(said(scan, "remark")).toEqual(["Terraform backend s3: main.tf:2 block"]);
});

test("more manifests than are read are not left out silently", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 201 }, (_, i) => [
      `k8s/${String(i).padStart(3, "0")}.yaml`,
      deployment("{ name: x }", `a${i}`),
    ]),
  );
  const charts = Object.fromEntries(
    Array.from({ length: 21 }, (_, i) => [
      `charts/c${String(i).padStart(2, "0")}/Chart.yaml`,
      "apiVersion: v2\nname: x\n",
    ]),
  );
  const terraform = Object.fromEntries(
    Array.from({ length: 201 }, (_, i) => [`tf/${String(i).padStart(3, "0")}.tf`, ""]),
  );
  const found = rules(await scanFiles({ ...files, ...charts, ...terraform }));
  expect(found).toContain("scan.files k8s/200.yaml:1");
  expect(found).toContain("scan.files charts/c20/Chart.yaml:1");
  expect(found).toContain("scan.files tf/200.tf:1");
});

import { expect, test } from "vitest";
import { rules, said, scanFiles } from "./folder.ts";

const inCluster = (memory: string) => ({
  "k8s/web.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
        - name: web
          image: acme/web:1.0.0
          resources: { limits: { memory: ${memory} } }
`,
});
const inCompose = (memory: string) => ({
  "compose.yaml": `services:\n  web:\n    image: acme/web:1.0.0\n    mem_limit: ${memory}\n`,
});

test.each([
  ["512Mi", "512Mi"],
  ["134217728", "128m"],
  ["512M", "500000k"],
  ["1e9", "976562.5k"],
  ["4G", "3814m"],
  ["128974848k", "123000m"],
])("Kubernetes' %s is written as what Compose takes for as much: %s", async (text, expected) => {
  const scan = await scanFiles(inCluster(text));
  expect(scan.block.resources).toEqual({ memory: expected });
  expect(scan.findings).toEqual([]);
});

test("Kubernetes' 512m is half a byte, and no limit to pass on", async () => {
  const scan = await scanFiles(inCluster("512m"));
  expect(scan.block.resources).toBeUndefined();
  expect(rules(scan)).toEqual(["scan.unfit k8s/web.yaml:10"]);
});

test.each([
  ["536870912", "512m"],
  ["512m", "512m"],
  ["1073741824b", "1g"],
])("Compose's %s is written as %s", async (text, expected) => {
  expect((await scanFiles(inCompose(text))).block.resources).toEqual({ memory: expected });
});

test("as much in two ways of writing is no conflict, and more is one", async () => {
  const same = await scanFiles({ ...inCluster("536870912"), ...inCompose("512m") });
  expect(same.conflicts).toEqual([]);
  const other = await scanFiles({ ...inCluster("512M"), ...inCompose("512m") });
  expect(said(other, "resources.memory")).toHaveLength(2);
});

test("what was left out is not said to be missing in the files", async () => {
  const scan = await scanFiles({ "package.json": '{ "name": "Our Shop!", "version": "1 0 0!" }' });
  const why = (field: string) => scan.unknown.find((one) => one.field === field)?.why;
  expect(why("service")).toMatch(/left out/);
  expect(why("version")).toMatch(/left out/);
  expect(why("ports")).toBe("no EXPOSE, no ports");
});

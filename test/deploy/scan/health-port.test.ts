import { expect, test } from "vitest";
import { said, scanFiles } from "./folder.ts";

const image = (...lines: string[]) => ({ Dockerfile: `FROM alpine:3.20\n${lines.join("\n")}\n` });

test("a health check on a port of its own says which", async () => {
  const scan = await scanFiles(image("EXPOSE 8080", "HEALTHCHECK CMD curl -f http://localhost:9000/healthz"));
  expect(scan.block.health).toMatchObject({ path: "/healthz", port: 9000 });
  expect(said(scan, "health.port")).toEqual(["9000: Dockerfile:3 HEALTHCHECK"]);
});

test("on the service's own port it needs none", async () => {
  const scan = await scanFiles(
    image("ENV PORT=8080", "EXPOSE 8080 9000", "HEALTHCHECK CMD curl -f http://localhost:$PORT/healthz"),
  );
  expect(scan.block.health).toEqual({
    path: "/healthz",
    command: ["curl", "-f", "http://localhost:8080/healthz"],
  });
});

test("a Compose service says it too, and of two ports neither is taken", async () => {
  const compose = (port: number) =>
    `services:\n  web:\n    image: acme/web:1.0.0\n    ports: ["8080:8080"]\n    healthcheck:\n      test: ["CMD", "curl", "http://127.0.0.1:${port}/up"]\n`;
  expect((await scanFiles({ "compose.yaml": compose(8081) })).block.health).toMatchObject({
    path: "/up",
    port: 8081,
  });
});

test.each([
  ["by its number", "9090", 9090],
  ["by its name", "admin", 9090],
  ["on the port of the service", "http", undefined],
])("a probe of Kubernetes names its port %s", async (_, port, expected) => {
  const manifest = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
        - name: web
          image: acme/web:1.0.0
          ports: [{ name: http, containerPort: 8080 }, { name: admin, containerPort: 9090 }]
          livenessProbe: { httpGet: { path: /healthz, port: ${port} } }
`;
  const { block } = await scanFiles({ "k8s/web.yaml": manifest });
  expect(block.health).toEqual({ path: "/healthz", ...(expected === undefined ? {} : { port: expected }) });
});

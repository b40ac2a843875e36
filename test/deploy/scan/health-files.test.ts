import { expect, test } from "vitest";
import { said, scanFiles } from "./folder.ts";

const HANDLER = "export const GET = () => new Response('ok');\n";

test.each([
  ["app/api/health/route.ts", "/api/health"],
  ["src/app/(internal)/healthz/route.js", "/healthz"],
  ["pages/api/health.ts", "/api/health"],
  ["src/pages/api/health/index.js", "/api/health"],
  ["src/routes/health/+server.ts", "/health"],
  ["src/routes/(ops)/api/health/live/+server.js", "/api/health/live"],
])("%s answers at %s", async (file, path) => {
  const scan = await scanFiles({ [file]: HANDLER });
  expect(scan.block.health).toEqual({ path });
  expect(said(scan, "health.path")).toEqual([`${path}: ${file}:1 route file`]);
});

test.each([
  "app/api/healthy/route.ts",
  "app/[tenant]/health/route.ts",
  "app/health/page.tsx",
  "pages/health.tsx",
  "src/routes/health/+page.svelte",
  "test/app/api/health/route.ts",
  "app/_private/health/route.ts",
])("%s is no health route", async (file) => {
  expect((await scanFiles({ [file]: HANDLER })).block.health).toBeUndefined();
});

test("a base path stands in front, and one that only the program knows leaves it open", async () => {
  const route = { "app/api/health/route.ts": HANDLER };
  const set = await scanFiles({ ...route, "next.config.mjs": 'export default { basePath: "/shop" };\n' });
  expect(set.block.health).toEqual({ path: "/shop/api/health" });
  const open = await scanFiles({ ...route, "next.config.mjs": "export default { basePath: prefix };\n" });
  expect(open.block.health).toBeUndefined();
  const kit = await scanFiles({
    "src/routes/health/+server.ts": HANDLER,
    "svelte.config.js": 'export default { kit: { paths: { base: "/kit" } } };\n',
  });
  expect(kit.block.health).toEqual({ path: "/kit/health" });
});

test("in a service's own folder it is read from there", async () => {
  const { block } = await scanFiles({
    "web/package.json": '{"name": "web"}',
    "web/app/api/health/route.ts": HANDLER,
  });
  expect(block.health).toEqual({ path: "/api/health" });
});

const ACTUATOR =
  "<project><artifactId>billing</artifactId><dependencies>\n<dependency><artifactId>spring-boot-starter-actuator</artifactId></dependency>\n</dependencies></project>";
const settings = (text: string, type = "properties") => ({
  "pom.xml": ACTUATOR,
  [`src/main/resources/application.${type}`]: text,
});

test("Spring Boot's Actuator answers at its default path", async () => {
  const scan = await scanFiles({ "pom.xml": ACTUATOR });
  expect(scan.block.health).toEqual({ path: "/actuator/health" });
  expect(said(scan, "health.path")).toEqual(["/actuator/health: pom.xml:2 spring-boot-starter-actuator"]);
  const gradle =
    "dependencies {\n  implementation 'org.springframework.boot:spring-boot-starter-actuator'\n}\n";
  expect((await scanFiles({ "build.gradle": gradle })).block.health).toEqual({ path: "/actuator/health" });
});

test.each<[string, string, unknown]>([
  ["a context path", "server.servlet.context-path=/billing\n", { path: "/billing/actuator/health" }],
  ["a base path", "management.endpoints.web.base-path=/manage\n", { path: "/manage/health" }],
  ["the top as base path", "management.endpoints.web.base-path=/\n", { path: "/health" }],
  ["another name", "management.endpoints.web.path-mapping.health=/well\n", { path: "/actuator/well" }],
  [
    "a port of its own",
    "server.port=8080\nmanagement.server.port=9090\nserver.servlet.context-path=/billing\n",
    { path: "/actuator/health", port: 9090 },
  ],
])("%s is kept to", async (_, text, health) => {
  expect((await scanFiles(settings(text))).block.health).toEqual(health);
});

test.each([
  ["a variable", `management.endpoints.web.base-path=${"$"}{MANAGE}\n`],
  ["no exposure", "management.endpoints.web.exposure.include=info,metrics\n"],
  ["an exclusion", "management.endpoints.web.exposure.exclude=health\n"],
  ["an endpoint that is off", "management.endpoint.health.enabled=false\n"],
  ["a port that is off", "management.server.port=-1\n"],
])("with %s nothing is said", async (_, text) => {
  expect((await scanFiles(settings(text))).block.health).toBeUndefined();
});

test("YAML settings count as well, nested and dotted", async () => {
  const nested = "server:\n  servlet:\n    contextPath: /billing\nmanagement.endpoints.web.base-path: /m\n";
  expect((await scanFiles(settings(nested, "yml"))).block.health).toEqual({ path: "/billing/m/health" });
});

test("a route in the code comes before Actuator's", async () => {
  const { block } = await scanFiles({
    "pom.xml": ACTUATOR,
    "src/main/java/A.java": 'class A {\n  @GetMapping("/healthz")\n  String ok() { return "ok"; }\n}\n',
  });
  expect(block.health).toEqual({ path: "/healthz" });
});

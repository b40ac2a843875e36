import { expect, test } from "vitest";
import { officialImageName, readImage } from "../../src/deploy/image.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

test.each([
  ["ghcr.io/acme/shop:1.2.0", false],
  ["localhost:5000/shop:1", false],
  ["postgres:16.4", false],
  ["node:22-alpine", false],
  ["ghcr.io/acme/shop:sha-4f2c9ab", false],
  [`ghcr.io/acme/shop@${DIGEST}`, true],
  [`ghcr.io/acme/shop:latest@${DIGEST}`, true],
])("%s is pinned", (reference, digest) => {
  expect(readImage(reference)).toEqual({ kind: "pinned", reference, digest });
});

test.each([
  "shop",
  "ghcr.io/acme/shop",
  "localhost:5000/shop",
  "shop:latest",
  "shop:Main",
  "nginx:stable",
  "nginx:alpine",
  "node:lts-slim",
  "timescale/timescaledb:latest-pg16",
])("%s can be another program tomorrow", (reference) =>
  expect(readImage(reference)).toEqual({ kind: "unpinned", reference }),
);

test.each([
  "",
  "Shop:1",
  "shop:1 2",
  "shop:1\nprivileged: true",
  "a//b:1",
  "a:b:c",
  "-shop:1",
  `shop@sha256:${"a".repeat(63)}`,
  `${"a/".repeat(400)}a:1`,
])("%j is no image reference", (text) => {
  expect(readImage(text)).toEqual({ kind: "invalid", text });
});

test("only Docker Hub's own images are known by their name", () => {
  expect(officialImageName("postgres:16.4")).toBe("postgres");
  expect(officialImageName("docker.io/library/postgres:16.4")).toBe("postgres");
  expect(officialImageName("ghcr.io/acme/postgres:16.4")).toBeUndefined();
  expect(officialImageName("acme/postgres:16.4")).toBeUndefined();
});

import { expect, test } from "vitest";
import { said, scanFiles } from "./folder.ts";

test("a variable that is commented out describes nothing, and its value is told nowhere", async () => {
  const scan = await scanFiles({
    ".env.example": "# Where mail goes out.\n# SMTP_PASSWORD=Tr0ub4dor\n#OLD_KEY = abc\nSMTP_HOST=\n",
  });
  expect(scan.block.env).toEqual([{ name: "SMTP_HOST", description: "Where mail goes out." }]);
  expect(JSON.stringify([scan.block, scan.evidence, scan.remarks])).not.toContain("Tr0ub4dor");
});

test("a description that holds a secret is left out, and the variable stays", async () => {
  const scan = await scanFiles({
    ".env.example": "# for example postgres://shop:Tr0ub4dor3x@db/shop\nDATABASE_URL=\n",
  });
  expect(scan.block.env).toEqual([{ name: "DATABASE_URL" }]);
  expect(JSON.stringify(scan)).not.toContain("Tr0ub4dor3x");
});

test("of .env itself the names alone are told", async () => {
  const scan = await scanFiles({ ".env": "# the old one was hunter2\nSTRIPE_KEY=x\n" });
  expect(scan.block.env).toEqual([{ name: "STRIPE_KEY" }]);
  expect(said(scan, "env")).toEqual(["STRIPE_KEY: .env:2 STRIPE_KEY"]);
});

test("a value over several lines names no variable", async () => {
  const scan = await scanFiles({
    ".env.example": 'CERTIFICATE="-----BEGIN X-----\nINNER=abc\n-----END X-----"\nPORT=80\n',
  });
  expect(scan.block.env).toEqual([{ name: "CERTIFICATE" }, { name: "PORT" }]);
});

test("an item of a list that holds a secret goes nowhere", async () => {
  const scan = await scanFiles({
    "compose.yaml":
      "services:\n  web:\n    image: acme/web:1.0.0\n    volumes:\n      - data:/srv/AKIAIOSFODNN7QWERTYU/x\nvolumes: { data: {} }\n",
  });
  expect(scan.block.volumes).toBeUndefined();
  expect(JSON.stringify([scan.block, scan.evidence])).not.toContain("AKIAIOSFODNN7QWERTYU");
});

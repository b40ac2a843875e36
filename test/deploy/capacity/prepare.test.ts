import { expect, test } from "vitest";
import { planPreparation } from "../../../src/deploy/prepare.ts";
import { inputFor } from "../fixture.ts";

const BLOCK =
  "service: shop\nversion: 1.0.0\nartifacts: [{ image: ghcr.io/acme/shop:1.0.0 }]\nresources: { memory: 512m, cpus: 1 }\n";
const GIGABYTE = 1024 ** 3;

function runbookWith(host: string, others: number): string {
  const plan = planPreparation({ ...inputFor(BLOCK, `hosts:\n  web1: ${host}\n`), others });
  return plan.files.find(({ path }) => path.endsWith("runbook.md"))?.content ?? "";
}

test("the approver reads where the limits of all stacks no longer fit on the host", () => {
  expect(runbookWith("{ memory: 2g }", 1.75 * GIGABYTE)).toContain(
    "by their limits all stacks on web1 may take 2.3 GiB of memory, and it has 2 GiB",
  );
});

test("nothing is said where they fit, and where nobody knows how much the host has", () => {
  expect(runbookWith("{ memory: 4g }", 1.75 * GIGABYTE)).not.toContain("by their limits");
  expect(runbookWith("{}", 1.75 * GIGABYTE)).not.toContain("by their limits");
});

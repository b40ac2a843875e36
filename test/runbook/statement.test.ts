import { expect, test } from "vitest";
import { parse } from "yaml";
import { formatCanonicalYaml } from "../../src/runbook/canonical-yaml.ts";
import { formatStatement, parseStatement, type Statement } from "../../src/runbook/statement.ts";
import fc from "../helpers/property.ts";

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const text = fc.string({ unit: "binary", maxLength: 20 });
const command = fc.record({
  kind: fc.constantFrom("run" as const, "check" as const, "rollback" as const),
  host: text,
  tier: fc.constantFrom("read" as const, "live" as const),
  sha256: hash,
});
const statement: fc.Arbitrary<Statement> = fc.record({
  statement: fc.constant("vibeops-approval/1" as const),
  decision: fc.constantFrom("approve" as const, "reject" as const),
  nonce: fc.constant("20261120T150000Z-m2x9vaq4"),
  uses: fc.constant(1 as const),
  approver: fc.string({ minLength: 1, maxLength: 20 }),
  created: fc.constant("2026-11-20T15:00:00.000Z"),
  expires: fc.constant("2026-11-21T15:00:00.000Z"),
  base: fc.constantFrom("none", "a".repeat(40)),
  runbook: fc.record({ id: fc.constant("20261120T150000Z-m2x9vaq4"), title: text, sha256: hash }),
  steps: fc.array(
    fc.record({ number: fc.nat(99), title: text, commands: fc.array(command, { maxLength: 3 }) }),
    { maxLength: 3 },
  ),
  verification: fc.array(command, { maxLength: 2 }),
  files: fc.uniqueArray(fc.record({ path: text, sha256: hash }), {
    maxLength: 3,
    selector: (file) => file.path,
  }),
  actions: fc.constant([]),
  variables: fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/), text, { maxKeys: 4 }),
  hosts: fc.constant([
    {
      name: "web1",
      entry: '{"a":1}',
      resolved: "web1:22",
      host_keys: ["SHA256:b", "SHA256:a"],
      lock: "c".repeat(64),
    },
  ]),
  policy: fc.constantFrom("absent", "b".repeat(64)),
  inventory: hash,
  project: hash,
});

const wellFormed = (value: unknown) =>
  Buffer.from(JSON.stringify(value)).toString() === JSON.stringify(value);

test("a statement is read back as it was written, and its bytes are the only ones for it", () => {
  fc.assert(
    fc.property(statement, (value) => {
      fc.pre(wellFormed(value) && !/\\ud[89a-f]/i.test(JSON.stringify(value)));
      const bytes = Buffer.from(formatStatement(value));
      expect(bytes.every((byte) => byte === 10 || (byte >= 32 && byte < 127))).toBe(true);
      const read = parseStatement(bytes, "a.yaml");
      expect(formatStatement(read)).toBe(bytes.toString());
      expect(read.variables).toEqual(value.variables);
    }),
    { numRuns: 50 },
  );
});

test("any other spelling of the same statement is refused", () => {
  const [value] = fc.sample(statement, { seed: 7, numRuns: 1 });
  if (value === undefined) throw new Error("no sample");
  const bytes = formatStatement(value);
  for (const other of [
    `${bytes}\n`,
    ` ${bytes}`,
    `# note\n${bytes}`,
    bytes.replace("uses: 1", "uses: 01"),
    bytes.replace('"approve"', "approve"),
  ]) {
    if (other === bytes) continue;
    expect(() => parseStatement(Buffer.from(other), "a.yaml")).toThrow(
      expect.objectContaining({ code: "statement.form" }),
    );
  }
});

test("canonical YAML is YAML", () => {
  const value = {
    a: "x: [y]",
    b: { c: ["1", { d: "e\n\u2028\u001b", f: [] }], g: {} },
    n: 3,
    skipped: undefined,
  };
  expect(parse(formatCanonicalYaml(value))).toEqual({
    a: "x: [y]",
    b: { c: ["1", { d: "e\n\u2028\u001b", f: [] }], g: {} },
    n: 3,
  });
});

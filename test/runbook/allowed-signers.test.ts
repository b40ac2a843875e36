import { describe, expect, test } from "vitest";
import { formatSigner, parseSigners, withSigner } from "../../src/runbook/allowed-signers.ts";
import { parseRevoked, withRevoked } from "../../src/runbook/revoked-keys.ts";
import { fingerprint, readPublicKey } from "../../src/runbook/ssh-key.ts";
import fc from "../helpers/property.ts";

const OURS = 'namespaces="vibeops-approval,vibeops-record"';

/** A public key with these 32 bytes. */
function key(bytes: Uint8Array, keyType = "ssh-ed25519") {
  const type = Buffer.from(keyType);
  const length = (count: number) => Buffer.from([0, 0, 0, count]);
  const blob = Buffer.concat([length(type.length), type, length(bytes.length), bytes]).toString("base64");
  return { keyType, blob, fingerprint: fingerprint(blob) };
}

const ADA = key(Buffer.alloc(32, 1));
const GRACE = key(Buffer.alloc(32, 2));
const TEXT = `ssh-ed25519 ${ADA.blob}`;

describe("a line of allowed_signers", () => {
  test("names people, a key, and until when it counts", () => {
    const text = `# team\r\n\r\nada@example.com,a2@example.com ${OURS},valid-before="20270701" ${TEXT} laptop\r\n`;
    const [ada, second] = parseSigners(text, "allowed_signers");
    expect(ada).toEqual({
      principal: "ada@example.com",
      namespaces: ["vibeops-approval", "vibeops-record"],
      validAfter: null,
      validBefore: new Date("2027-07-01T00:00:00Z"),
      ...ADA,
      line: 3,
    });
    expect(second?.principal).toBe("a2@example.com");
    expect(parseSigners(`ada@example.com ${TEXT}`, "f")[0]).toMatchObject({
      namespaces: [],
      validBefore: null,
    });
  });

  test.each([
    ["a pattern", `*@example.com ${OURS} ${TEXT}`, "may let others in"],
    ["a single-character pattern", `ad?@example.com ${OURS} ${TEXT}`, "may let others in"],
    ["a negation in a list", `ada@example.com,!bob@example.com ${OURS} ${TEXT}`, "may let others in"],
    ["a quoted name", `"ada@example.com" ${OURS} ${TEXT}`, "may let others in"],
    ["a certificate authority", `ada@example.com cert-authority,${OURS} ${TEXT}`, "certificate authority"],
    ["one in capitals, which ssh-keygen takes too", `ada@example.com CERT-AUTHORITY ${TEXT}`, "certificate"],
    ["another namespace", `ada@example.com namespaces="git" ${TEXT}`, "'git' is none of ours"],
    ["one more namespace", `ada@example.com namespaces="vibeops-approval,file" ${TEXT}`, "'file' is none"],
    ["a pattern for a namespace", `ada@example.com namespaces="*" ${TEXT}`, "'*' is none of ours"],
    ["an option twice", `ada@example.com ${OURS},${OURS} ${TEXT}`, "cannot be read"],
    ["an unknown option", `ada@example.com from="x" ${TEXT}`, "no option"],
    ["a day that is none", `ada@example.com valid-before="20270230" ${TEXT}`, "no time"],
    ["a key of another type than it says", `ada@example.com ssh-rsa ${ADA.blob}`, "no allowed signer"],
    ["a DSA key", `ada@example.com ssh-dss ${key(Buffer.alloc(8), "ssh-dss").blob}`, "no allowed signer"],
    ["a key cut short", `ada@example.com ssh-ed25519 ${ADA.blob.slice(0, 10)}`, "no allowed signer"],
    ["no key", "ada@example.com", "no allowed signer"],
  ])("with %s is refused, and named", (_, line, message) => {
    const text = `# first\nada@example.com ${OURS} ssh-ed25519 ${GRACE.blob}\n${line}\n`;
    expect(() => parseSigners(text, "allowed_signers")).toThrow(
      expect.objectContaining({
        code: "trust.signers",
        line: 3,
        message: expect.stringContaining(message),
      }) as Error,
    );
  });

  test("of any length is read or refused without delay", () => {
    for (const text of ["a".repeat(100_000), `a ${"b".repeat(50_000)}!`, `a ${'x="y",'.repeat(20_000)}!`])
      expect(() => parseSigners(text, "f")).toThrow();
  });
});

const address = fc.stringMatching(/^[a-z][a-z0-9._+-]{0,10}@[a-z][a-z0-9.-]{0,10}$/);
const publicKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => key(bytes));
const day = fc.constantFrom(undefined, "2026-12-31", "2028-02-29");
const signer = fc.record({ principal: address, key: publicKey, until: day });
const asSigner = ({
  principal,
  key,
  until,
}: {
  principal: string;
  key: typeof ADA;
  until?: string | undefined;
}) => (until === undefined ? { principal, key } : { principal, key, until });

test("whoever is written is read again, once, and every other line keeps its bytes", () => {
  fc.assert(
    fc.property(fc.array(signer, { maxLength: 6 }), signer, fc.boolean(), (before, last, newline) => {
      const lines = ["# kept", ...before.map((one) => formatSigner(asSigner(one)))];
      const text = `${lines.join("\n")}${newline ? "\n" : ""}`;
      const after = withSigner(text, "f", asSigner(last));
      const mine = parseSigners(after, "f").filter((one) => {
        return one.principal === last.principal && one.fingerprint === last.key.fingerprint;
      });
      expect(mine.at(-1)?.validBefore?.getTime() ?? null).toBe(
        last.until === undefined ? null : Date.parse(last.until) + 86_400_000,
      );
      const kept = after.split("\n").filter((line) => lines.includes(line));
      expect(kept.length).toBeGreaterThanOrEqual(lines.length - 1);
      expect(withSigner(after, "f", asSigner(last))).toBe(after);
    }),
  );
});

test("arbitrary text is signers or a refusal that names its line, never another error", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(`ada@example.com ${TEXT}`, `ada@example.com ${OURS} ${TEXT}`),
    fc.tuple(address, fc.string(), publicKey).map(([who, options, { blob }]) => {
      return `${who} ${options} ssh-ed25519 ${blob}`;
    }),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      try {
        for (const one of parseSigners(lines.join("\n"), "f")) expect(one.principal).toMatch(/^[\w.+@-]+$/);
      } catch (error) {
        expect(error).toMatchObject({ code: "trust.signers", line: expect.any(Number) });
      }
    }),
  );
});

test("revoked keys are read with what was written beside them, and written once", () => {
  const text = withRevoked("# lost", "r", [ADA, GRACE], "ada@example.com 2026-11-20 laptop stolen");
  expect(text).toBe(
    `# lost\n${TEXT} ada@example.com 2026-11-20 laptop stolen\nssh-ed25519 ${GRACE.blob} ada@example.com 2026-11-20 laptop stolen\n`,
  );
  expect(parseRevoked(text, "r").map((one) => one.comment)).toEqual([
    "ada@example.com 2026-11-20 laptop stolen",
    "ada@example.com 2026-11-20 laptop stolen",
  ]);
  expect(withRevoked(text, "r", [ADA], "again")).toBe(text);
  expect(() => parseRevoked("SHA256:abc\n", "r")).toThrow(/no public key/);
  expect(() => parseRevoked("SSHKRL\n\0", "r")).toThrow(/revocation list/);
  expect(readPublicKey("ssh-ed25519", `${ADA.blob}=`)).toBeNull();
});

test("a key whose end was lost on the way is no key: nobody could ever sign with it", () => {
  const bytes = Buffer.from(ADA.blob, "base64");
  for (const length of [19, 20, 23, bytes.length - 1]) {
    expect(readPublicKey("ssh-ed25519", bytes.subarray(0, length).toString("base64"))).toBeNull();
  }
  expect(readPublicKey("ssh-ed25519", Buffer.concat([bytes, bytes]).toString("base64"))).toBeNull();
});

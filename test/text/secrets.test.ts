import { describe, expect, it } from "vitest";
import { findSecrets, redactSecrets } from "../../src/text/secrets.ts";
import { readCorpus } from "../helpers/corpus.ts";

/** Put together here, so that no scanner takes this file for a leak. */
const body = ["Zx8Qw2Lm5Rt9", "Vb3Nk7Hj4Pd6", "Sf1Gc0Yaa1B2"].join("");

describe("secret cases", () => {
  it.each(readCorpus("secret"))("$id: $why", ({ text, expected }) => {
    expect(findSecrets(text).length > 0 ? "hit" : "clean").toBe(expected);
  });
});

describe("findSecrets", () => {
  it.each([
    ["PASSWORD", "=hunter2"],
    ["password", ": hunter2"],
    ["export DB_PASSWORD", "='s3cr3t!'"],
    ["MYSQL_ROOT_PASSWORD", ": correct-horse"],
    ['{"apiKey"', `: "${body}"}`],
    ["client_secret", ' = "abc123def"'],
    ["//registry.example/:_authToken", "=abcdef123456"],
    ["Server=x;User Id=sa;Password", "=Passw0rd!;"],
    ["AccountName=x;AccountKey", `=${body}${body}==`],
    ["postgres://app", ":Tr0ub4dor@db:5432/shop"],
    ["redis://", ":p4ssw0rd@cache:6379/0"],
    ["sshpass -p", " hunter2 ssh a@b"],
    ["sshpass -p", "hunter2 ssh a@b"],
    ["curl -u admin", ":hunter2 https://x"],
    ["mysql -uroot -p", "S3cret db"],
    ["login --password", " S3cret99"],
    ["PGPASSWORD", "=swordfish psql"],
    ["Authorization: Bearer", " abcdef1234567890abcd"],
    ["Authorization: Basic", " dXNlcjpwYXNz"],
    ["the password is", " hunter22"],
    ["<password>", "hunter2</password>"],
    ["glpat", `-${body}`],
    ["xoxb", `-123456789012-${body}`],
    ["SG", `.${body.slice(0, 22)}.${body}`],
    ["SK", "0123456789abcdef".repeat(2)],
    ["sk-ant", `-api03-${body}`],
    ["sk-proj", `-${body}`],
    ["pypi", `-${body}`],
    ["AGE-SECRET-KEY", `-1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2)}`],
    ["eyJhbGciOiJIUzI1NiJ9", `.eyJzdWIiOiIxMjM0In0.${body}`],
    ["-----BEGIN RSA PRIVATE", ` KEY-----\nMIIE${body}\n-----END RSA PRIVATE KEY-----`],
    ["-----BEGIN PGP PRIVATE", ` KEY BLOCK-----\n\nlQOY${body}\n-----END PGP PRIVATE KEY BLOCK-----`],
    ["PuTTY-User-Key-File", `-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n${body}\nPrivate-MAC: 00`],
  ])("finds %s%s", (start, end) => {
    expect(findSecrets(start + end)).not.toEqual([]);
  });

  it.each([
    "PASSWORD=changeme",
    "PASSWORD=",
    "password:",
    "password: <your password>",
    "PASSWORD=\u0024{PASSWORD}",
    "password: $DB_PASSWORD",
    "token: xxxxxxxx",
    "token: \u0024{{ secrets.TOKEN }}",
    "- { name: DB_PASSWORD, required: true, secret: true }",
    "env: [API_KEY, DB_PASSWORD]",
    "POSTGRES_PASSWORD_FILE=/run/secrets/db",
    "secretName: web-tls",
    "tokens: 2000",
    "maxTokens: 4096",
    "password = getPassword()",
    "const token = req.headers.token",
    "Passwords: never in memos",
    "password: ask the owner",
    "the token is expired",
    "the secret is out",
    "AKIAIOSFODNN7EXAMPLE",
    "https://user:password@example.com/",
    "postgres://user:\u0024{PW}@db/x",
    "curl -u user:pass https://x",
    'sshpass -p "$PW" ssh x',
    "Authorization: Bearer <token>",
    "Authorization: Bearer $TOKEN",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END CERTIFICATE-----",
    "a line -----BEGIN OPENSSH PRIVATE KEY----- opens such a file",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 bob",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "id: 20261120T101500Z-a1b2c3d4",
    "docker run -p 8080:80 x",
  ])("takes %j for no secret", (text) => {
    expect(findSecrets(text)).toEqual([]);
  });

  it("says where, and shows too little to use", () => {
    const [hit] = findSecrets(`first\nghp_${body}`);
    expect(hit).toMatchObject({ kind: "github-token", line: 2, column: 1, start: 6, end: 46 });
    expect(hit?.excerpt).toBe("ghp_… (40 characters)");
    expect(findSecrets("PASSWORD=hunter2")[0]?.excerpt).toBe("… (7 characters)");
  });
});

describe("redactSecrets", () => {
  it("replaces what it finds and what it is told, wherever it stands", () => {
    expect(redactSecrets("PASSWORD=hunter2 was tried; hunter2 failed", ["hunter2"])).toBe(
      "PASSWORD=[redacted assigned-secret] was tried; [redacted value] failed",
    );
  });

  it("leaves other text as it is", () => {
    expect(redactSecrets("nothing to hide\n")).toBe("nothing to hide\n");
  });
});

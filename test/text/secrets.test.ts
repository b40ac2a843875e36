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
    ["AC", `${"0123456789abcdef".repeat(2)}:${"fedcba9876543210".repeat(2)}`],
    ["VAULT: s", `.${body.slice(0, 24)}`],
    ["v2.local", `.${body}${body}`],
    ["password", ": correct.horse"],
    ["id:secret", ": kX9vQ2mT"],
    ["sk-ant", `-api03-${body}`],
    ["sk-proj", `-${body}`],
    ["pypi", `-${body}`],
    ["AGE-SECRET-KEY", `-1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2)}`],
    ["eyJhbGciOiJIUzI1NiJ9", `.eyJzdWIiOiIxMjM0In0.${body}`],
    ["-----BEGIN RSA PRIVATE", ` KEY-----\nMIIE${body}\n-----END RSA PRIVATE KEY-----`],
    ["-----BEGIN PGP PRIVATE", ` KEY BLOCK-----\n\nlQOY${body}\n-----END PGP PRIVATE KEY BLOCK-----`],
    [
      "-----BEGIN RSA PRIVATE",
      ` KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,01\n\nMIIE${body}\n-----END`,
    ],
    ["PuTTY-User-Key-File", `-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n${body}\nPrivate-MAC: 00`],
    ["https://api.telegram.org/bot", `123456789:${body.slice(0, 35)}/getMe`],
    ["squ", `_${"0123456789abcdef".repeat(3).slice(0, 40)}`],
    ["xkeysib", `-${"0123456789abcdef".repeat(4)}-${body.slice(0, 16)}`],
    ["newmaker", `_${body}`],
    ["https", `://${body}@git.acme.io/x.git`],
    ["DEVOPS", `_PAT=${body.toLowerCase()}`],
    ["ALGOLIA_ADMIN", "_KEY=174a41b8dedb34f835ea63e5b8e72a07"],
    ["SSHPASS", "=swordfish sshpass -e ssh x"],
    ["pw", " = kX9vQ2mT"],
    ["_auth", "=ZGVwbG95OlMzY3IzdFBhc3M="],
    ['{"auths":{"r.acme.io":{"auth"', ':"ZGVwbG95OmtYOXZRMm1U"}}}'],
    ["**Password:**", " kX9vQ2mT"],
    ["| password |", " kX9vQ2mT |"],
    ["new password →", " kX9vQ2mT"],
    ["contraseña", ": kX9vQ2mT"],
    ["пароль", ": kX9vQ2mT"],
    ["密码", "：kX9vQ2mT"],
    ["Kennwort", ": kX9vQ2mT"],
    ["password", ": !!str kX9vQ2mT"],
    ["password", ": >-\n  kX9vQ2mT"],
    ["password", ":\n  kX9vQ2mT"],
    ["password", " = \\\n  kX9vQ2mT"],
    ["define('DB_PASSWORD'", ", 'kX9vQ2mT');"],
    ['<add key="Password"', ' value="kX9vQ2mT"/>'],
    ["ENV DB_PASSWORD", " swordfish"],
    ["set -x DB_PASSWORD", " swordfish"],
    ["aws configure set aws_secret_access_key", ` ${body}`],
    ["npm config set //r/:_authToken", " 9304f865-901d-7e4f-a3bb-4fd4b74719c1"],
    ["machine api.acme.io login deploy password", " swordfish"],
    ["machine api.acme.io\n  login deploy\n  password", " swordfish"],
    ["db.acme.io:5432:shop:app:", "kX9vQ2mT"],
    ["ALTER USER app WITH PASSWORD", " 'swordfish';"],
    ["CREATE USER app IDENTIFIED BY", " 'swordfish';"],
    ["SET PASSWORD FOR root", " = 'swordfish'"],
    ["echo swordfish", " | docker login -u me --password-stdin"],
    ["echo 'root:swordfish'", " | chpasswd"],
    ["curl -b 'session", `=${body}' https://x`],
    ["smbclient //s/x -U user", "%swordfish"],
    ["ldapsearch -D cn=admin -w", " swordfish"],
    ["htpasswd -b .htpasswd admin", " swordfish"],
    ["zip -P", " swordfish x.zip y"],
    ["7z x -p", "swordfish x.7z"],
    ["mongosh -u root -p", " swordfish"],
    ["sqlcmd -S db -U sa -P", " swordfish"],
    ["rabbitmqctl add_user app", " swordfish"],
    ["gh secret set X --body", " swordfish"],
    ["xfreerdp /u:a", " /p:swordfish /v:h"],
    ["nmcli dev wifi connect home password", " swordfish"],
    ["ghp", `_${body.slice(0, 16)}\n${body.slice(16)}`],
    ["ghp", `_${body.slice(0, 16)}\\\n${body.slice(16)}`],
    ['"ghp', `_${body.slice(0, 16)}" + "${body.slice(16)}"`],
    ["ghp", `_${body.slice(0, 16)}\u200b${body.slice(16)}`],
  ])("finds %s%s", (start, end) => {
    expect(findSecrets(start + end)).not.toEqual([]);
  });

  it.each([
    `ghp_${body}`,
    "DB_PASSWORD=swordfish\n",
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`,
  ])("finds %j in base64 too, on one line and wrapped", (text) => {
    const encoded = Buffer.from(text).toString("base64");
    const [hit] = findSecrets(`data: ${encoded}`);
    expect(hit).toMatchObject({ start: 6, end: 6 + encoded.length });
    const wrapped = encoded.replaceAll(/.{64}(?=.)/g, "$&\n  ");
    expect(findSecrets(wrapped)).toHaveLength(1);
    expect(redactSecrets(wrapped)).toMatch(/^\[redacted [a-z-]+\]$/);
  });

  it("takes no more than the token where lines end in one", () => {
    expect(redactSecrets(`ghp_${body}\nafterwards2 more`)).toBe("[redacted github-token]\nafterwards2 more");
  });

  it.each([
    "PASSWORD=changeme",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdE1",
    'valueFrom: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"',
    "password_hash_algorithm: argon2id",
    "password-encoder: bcrypt",
    "secrets: inherit",
    "[api-token]: #token",
    "password: # ask the owner",
    "secretAccessKey: awsCredentials.secretAccessKey,",
    "access_token = refreshed.token;",
    "s.replaceEverythingInAllFiles12(x)",
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
    "passenger: smith-jones",
    "pass: boolean;",
    "const ai = new Client({apiKey: 'VENDOR_API_KEY'})",
    "apiKey: 'my-api-key'",
    `https://git.example/a/commit/1a3e64c#diff-${body.slice(0, 36)}`,
    "passed: 20261120",
    "tokenizer: gpt2-medium",
    "secretary: jane-doe-2",
    "api_key: Optional[str] = None",
    '"password": "Passwort"',
    '"forgotPassword": "Forgot the password?"',
    "password:\n  - at least 12 characters",
    "credentials:\n  user1:\n    name: x",
    "secrets:\n  db_password:\n    file: ./x1.txt",
    "| token | v1.2.3 |",
    "| DB_PASSWORD | the database's, since v1.2 |",
    "fe80:0000:0000:0001:aaaa1b",
    "12:34:56:78:9a:bc",
    "mongosh -u root -p --host db1",
    "zip -P",
    "PATTERN=abc123def",
    "echo hello | docker run -i x",
    "wrapped here abcdefgh\nijklmnop and on",
    `https://${"0123456789abcdef".repeat(2)}@o0.ingest.sentry.io/1`,
    `data:image/png;base64,iVBORw0KGgo${body}`,
    Buffer.from("PASSWORD=changeme and some more words\n").toString("base64"),
    Buffer.from("-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n").toString("base64"),
    `sha512-${body}${body}==`,
    "read the password from the terminal",
    "CREATE USER app IDENTIFIED BY '<password>'",
    "the password\nis kept in the vault",
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

  it.each([
    ["at its beginning", (token: string) => `found \x1b[01;31m\x1b[K${token}\x1b[m\x1b[K here`],
    ["in its middle", (token: string) => `${token.slice(0, 20)}\x1b[1m${token.slice(20)}\x1b[0m.`],
    ["as a link", (token: string) => `\x1b]8;;https://example.com\x07${token}\x1b]8;;\x07`],
    ["by C1 controls", (token: string) => `\x9b1m${token}\x9b0m`],
    ["beside a window's name", (token: string) => `\x1b]0;name\x1b\\${token}`],
    ["with NULs", (token: string) => [...token].join("\0")],
  ])("replaces a token that a program coloured or linked %s", (_, style) => {
    const token = ["ghp", `_${body}`].join("");
    const shown = redactSecrets(style(token));
    expect(shown).toContain("[redacted github-token]");
    expect(shown).not.toContain(body.slice(-8));
    expect(shown).not.toContain(body.slice(0, 8));
  });

  it("leaves coloured text without a secret as it is", () => {
    const text = "\x1b[32mok\x1b[0m \x1b]0;title\x07 3 of 3 \x1b(B\x1b[m";
    expect(redactSecrets(text)).toBe(text);
  });

  it("leaves other text as it is", () => {
    expect(redactSecrets("nothing to hide\n")).toBe("nothing to hide\n");
  });
});

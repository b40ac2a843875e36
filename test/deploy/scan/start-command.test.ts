import { expect, test } from "vitest";
import { said, scanFiles } from "./folder.ts";

const service = (...lines: string[]) =>
  `services:\n  web:\n    image: acme/web:1.0.0\n${lines.map((line) => `    ${line}\n`).join("")}`;
const DOCKERFILE = 'FROM alpine:3.20\nCMD ["node", "main.js"]\n';

test("the command of a Compose file stands instead of the Dockerfile's, also where it builds the image", async () => {
  const scan = await scanFiles({
    "compose.yaml": service("build: .", 'command: ["node", "worker.js"]'),
    Dockerfile: DOCKERFILE,
  });
  expect(scan.block.artifacts).toEqual([{ image: "acme/web:1.0.0", command: ["node", "worker.js"] }]);
});

test("what only Compose can take apart is told, and the Dockerfile's command is not taken for it", async () => {
  const scan = await scanFiles({
    "compose.yaml": service("build: .", "command: sh -c 'node worker.js && true'"),
    Dockerfile: DOCKERFILE,
  });
  expect(scan.block.artifacts).toEqual([{ image: "acme/web:1.0.0" }]);
  expect(said(scan, "command")).toEqual(["sh -c 'node worker.js && true': compose.yaml:5 command"]);
});

test("behind an entry point of its own an image gets no second one", async () => {
  const scan = await scanFiles({
    "compose.yaml": service("build: ."),
    Dockerfile: 'FROM alpine:3.20\nENTRYPOINT ["/app"]\nCMD ["serve"]\n',
  });
  expect(scan.block.artifacts).toEqual([{ image: "acme/web:1.0.0" }]);
  expect(said(scan, "command")).toEqual(["/app serve: Dockerfile:3 CMD"]);
});

test("an entry point of the Compose file is told: the block has no place for it", async () => {
  const scan = await scanFiles({ "compose.yaml": service('entrypoint: ["/run"]', 'command: ["web"]') });
  expect(scan.block.artifacts).toEqual([{ image: "acme/web:1.0.0" }]);
  expect(said(scan, "command")).toEqual(["/run web: compose.yaml:4 entrypoint"]);
});

test.each([
  ["CMD uvicorn main:app --port $PORT", "uvicorn main:app --port $PORT: Dockerfile:2 CMD"],
  ["ENTRYPOINT exec node main.js", "exec node main.js: Dockerfile:2 ENTRYPOINT"],
])("%s needs a shell, and is told as it stands", async (line, expected) => {
  const scan = await scanFiles({ Dockerfile: `FROM alpine:3.20\n${line}\n` });
  expect(said(scan, "command")).toEqual([expected]);
});

test("arguments of a Kubernetes container are its command, and an entry point of its own is told", async () => {
  const manifest = (lines: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: acme/web:1.0.0\n${lines}`;
  const args = await scanFiles({ "k8s/web.yaml": manifest('          args: ["serve"]\n') });
  expect(args.block.artifacts).toEqual([{ image: "acme/web:1.0.0", command: ["serve"] }]);
  const whole = await scanFiles({
    "k8s/web.yaml": manifest('          command: ["/web"]\n          args: ["serve"]\n'),
  });
  expect(whole.block.artifacts).toEqual([{ image: "acme/web:1.0.0" }]);
  expect(said(whole, "command")).toEqual(["/web serve: k8s/web.yaml:10 command"]);
});

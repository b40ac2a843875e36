import { posix } from "node:path";
import { expect, test } from "vitest";
import { chooseForFile, chooseInFolder } from "../../../src/deploy/compose-file/choose-files.ts";
import type { ComposeFiles } from "../../../src/deploy/compose-file/compose-files.ts";
import { loadProjectOf } from "../../../src/deploy/compose-file/load-for-file.ts";
import { loadComposeProject } from "../../../src/deploy/compose-file/load-project.ts";
import { at, itemsOf, type Located, textOf } from "../../../src/deploy/located/located.ts";
import fc from "../../helpers/property.ts";

function filesOf(texts: Readonly<Record<string, string>>): ComposeFiles {
  return {
    readsOn: false,
    has: (path) => Object.hasOwn(texts, path),
    folderOf: (path) => posix.dirname(path),
    resolve: (folder, name) => {
      const path = posix.normalize(posix.join(folder, name));
      return path.startsWith("..") ? null : path;
    },
    read: (path) => (Object.hasOwn(texts, path) ? { text: texts[path] ?? "" } : { problem: "gone" }),
  };
}

function load(texts: Readonly<Record<string, string>>, ...names: string[]) {
  return loadComposeProject(names.length > 0 ? names : ["compose.yaml"], filesOf(texts));
}

function plain(node: Located | undefined): unknown {
  if (node?.kind === "map")
    return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]));
  return node?.kind === "list" ? itemsOf(node).map(plain) : (textOf(node) ?? null);
}

function bodyOf(project: ReturnType<typeof load>, name: string): unknown {
  return plain(project.services.get(name)?.body);
}

test("a service whose name is a key of services is merged like any other", () => {
  const project = load(
    {
      "compose.yaml": "services: { test: { image: a, ports: ['1:1'] }, environment: { image: b } }",
      "o.yaml": "services: { test: { user: '1' }, environment: { user: '2' } }",
    },
    "compose.yaml",
    "o.yaml",
  );
  expect(bodyOf(project, "test")).toEqual({ image: "a", ports: ["1:1"], user: "1" });
  expect(bodyOf(project, "environment")).toEqual({ image: "b", user: "2" });
});

test("each field is merged in its own manner", () => {
  const project = load({
    "compose.yaml": `services:
  base: { build: ./a, command: [x], dns: 1.1.1.1, tmpfs: /a, environment: [A=1, B], logging: { driver: json-file, options: { max-size: 1m } },
          ports: ["80:80"], volumes: ["d:/data:ro", "e:/etc"], cap_add: [A], depends_on: [db] }
  db: { image: d }
  web: { extends: base, build: { dockerfile: D }, command: y, dns: [2.2.2.2], tmpfs: [/b], environment: { A: , C: "3" }, logging: { driver: local },
          ports: ["80:80", "81:81"], volumes: [{ type: bind, source: ., target: /data }], cap_add: [A, B], depends_on: { db: { condition: service_healthy } } }
`,
  });
  expect(bodyOf(project, "web")).toEqual({
    build: { context: "./a", dockerfile: "D" },
    command: "y",
    dns: ["1.1.1.1", "2.2.2.2"],
    tmpfs: ["/a", "/b"],
    environment: { A: null, B: null, C: "3" },
    logging: { driver: "local" },
    ports: ["80:80", "81:81"],
    volumes: ["e:/etc", { type: "bind", source: ".", target: "/data" }],
    cap_add: ["A", "B"],
    depends_on: { db: { condition: "service_healthy" } },
  });
});

test("what a later file resets is gone, a whole service too, and a file that stands alone never had it", () => {
  const project = load(
    {
      "compose.yaml": "services: { web: { image: a, ports: ['1:1'], user: !reset x }, db: { image: b } }",
      "o.yaml": "services: { web: { ports: !reset [] }, db: !reset null }",
    },
    "compose.yaml",
    "o.yaml",
  );
  expect([...project.services.keys()]).toEqual(["web"]);
  expect(bodyOf(project, "web")).toEqual({ image: "a" });
  expect(project.problems).toEqual([]);
});

test("the documents of one file are laid over each other", () => {
  const project = load({
    "compose.yaml": "services: { web: { image: a } }\n---\nservices: { web: { user: '1' } }\n",
  });
  expect(bodyOf(project, "web")).toEqual({ image: "a", user: "1" });
  expect(project.services.get("web")?.place).toMatchObject({ file: "compose.yaml", line: 1 });
});

test("an included project brings its services and its volumes, and the including one's variables stand over its own", () => {
  const project = load({
    ".env": "TAG=1",
    "compose.yaml": "include: [{ path: sub/c.yaml }]\nservices: { web: { extends: db } }\n",
    "sub/.env": "TAG=2\nOTHER=3",
    "sub/c.yaml": "services: { db: { image: d } }\nvolumes: { v: }\n",
  });
  expect(project.services.get("db")).toMatchObject({ isIncluded: true, folder: "sub" });
  expect([...(project.services.get("db")?.values ?? [])]).toEqual([
    ["TAG", "1"],
    ["OTHER", "3"],
  ]);
  expect(bodyOf(project, "web")).toEqual({ image: "d" });
  expect(plain(at(project.tree, "volumes"))).toEqual({ v: null });
});

test("COMPOSE_FILE of .env chooses the files, and each of them belongs to that project", () => {
  const files = filesOf({ ".env": "COMPOSE_FILE=a.yml:b.yml", "a.yml": "", "b.yml": "", "compose.yaml": "" });
  expect(chooseInFolder(".", files)).toEqual(["a.yml", "b.yml"]);
  expect(chooseForFile("b.yml", files)).toMatchObject({ files: ["a.yml", "b.yml"], isWhole: true });
  expect(chooseForFile("compose.yaml", files)).toMatchObject({ files: ["compose.yaml"], isWhole: true });
  const gone = filesOf({ ".env": "COMPOSE_FILE=a.yml:gone.yml", "a.yml": "", "compose.yml": "" });
  expect(chooseInFolder(".", gone)).toEqual(["compose.yml"]);
});

test("an override is laid over its base, and alone it is no whole project", () => {
  const files = filesOf({ "compose.yaml": "", "docker-compose.override.yml": "", "compose.prod.yaml": "" });
  expect(chooseInFolder(".", files)).toEqual(["compose.yaml", "docker-compose.override.yml"]);
  expect(chooseForFile("compose.prod.yaml", files).files).toEqual(["compose.yaml", "compose.prod.yaml"]);
  expect(chooseForFile("sub/compose.override.yml", files)).toMatchObject({
    files: ["sub/compose.override.yml"],
    isWhole: false,
  });
});

test("a variant is laid over its base only where it does not stand for itself", () => {
  const files = filesOf({
    "compose.yaml": "services: { web: { image: a, ports: ['1:1'] } }",
    "compose.prod.yaml": "services: { web: { image: b } }",
    "compose.dev.yaml": "services: { web: { user: '1' } }",
  });
  expect(loadProjectOf("compose.prod.yaml", files).project.files).toEqual(["compose.prod.yaml"]);
  expect(loadProjectOf("compose.dev.yaml", files).project.files).toEqual([
    "compose.yaml",
    "compose.dev.yaml",
  ]);
});

test("any pieces of Compose in any file end, and every problem has a line that is there", () => {
  const piece = fc.constantFrom(
    "services:",
    "\n  web:",
    "\n  db: !reset",
    "\n    extends: web",
    "\n    extends: { file: b.yaml, service: db }",
    "\ninclude: [b.yaml, compose.yaml]",
    "\n    ports: !override [1]",
    "\n    <<: *a",
    "&a ",
    "*a",
    "\n---\n",
    " {",
    "}",
    "[",
    "]",
    " null",
    "\n<<<<<<< x\n",
  );
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, text, (one, other) => {
      const texts: Record<string, string> = { "compose.yaml": one, "b.yaml": other };
      for (const { place } of load(texts, "compose.yaml", "b.yaml").problems) {
        expect(place.line).toBeGreaterThanOrEqual(1);
        expect(place.line).toBeLessThanOrEqual((texts[place.file] ?? "").split("\n").length);
      }
    }),
    { numRuns: 300 },
  );
});

test("a chain of extends that is too long is said to be that, and no circle", () => {
  const services = Array.from(
    { length: 60 },
    (_, i) => `  s${i}: { ${i === 0 ? "image: a" : `extends: s${i - 1}`} }`,
  );
  const { problems } = load({ "compose.yaml": `services:\n${services.join("\n")}\n` });
  expect(problems[0]?.message).toBe("more than 40 services extend one another, before the service 's0'");
});

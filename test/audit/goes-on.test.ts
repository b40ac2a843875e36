import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type GateWorkspace, ID } from "../runbook/gate-workspace.ts";
import { archivedPath, audit, change, commit, finishedWorkspace } from "./finished-workspace.ts";

/* One thing that cannot be read hides nothing else: it is told, and what can be looked at is. */

let space: GateWorkspace;
beforeEach(async () => {
  space = await finishedWorkspace();
});

const inProject = (path: string) => join(space.project.root, path);

interface Found {
  rule: string;
  level: string;
  message: string;
  file: string;
  fix: string;
}

async function findings(): Promise<{ exit: number; found: Found[]; counts: Record<string, number> }> {
  const { exit, text } = await audit(space);
  const { result } = JSON.parse(text);
  return { exit, found: result.findings, counts: result };
}

/** Something that every audit finds, wherever else it looks. */
function tamperWithSeal(): void {
  change(inProject(`runbooks/${ID}/runbook.md`), (text) =>
    text.replace("What it does.", "What else it does."),
  );
}

describe("a folder that is none is told, and the rest is looked at", () => {
  const linkTo = (path: string) => {
    renameSync(path, `${space.space.directory}/elsewhere`);
    symlinkSync(`${space.space.directory}/elsewhere`, path);
  };
  const fileInPlace = (path: string) => {
    rmSync(path, { recursive: true });
    writeFileSync(path, "");
  };

  test.each<[string, (path: string) => void, string]>([
    ["memos", linkTo, "'memos' is a symbolic link where a real folder is needed"],
    ["memos", fileInPlace, "'memos' is no folder where a real folder is needed"],
    ["memos/archived", linkTo, "'archived' is a symbolic link where a real folder is needed"],
  ])("%s", async (path, act, message) => {
    act(inProject(path));
    tamperWithSeal();
    const { exit, found, counts } = await findings();
    expect(exit).toBe(4);
    expect(found.filter((one) => one.message === message)).toMatchObject([
      { level: "error", file: inProject(path), fix: "move it away, and put the folder itself there" },
    ]);
    const gone = found.filter(({ rule }) => rule === "audit.memo-gone").map(({ file }) => file);
    expect(gone).toContain(archivedPathBefore);
    expect(found.map(({ rule }) => rule)).toContain("audit.seal");
    expect(counts).toMatchObject({ runbooks: 1, approvals: 1, records: 2, signatures: 2 });
  });

  let archivedPathBefore = "";
  beforeEach(() => {
    archivedPathBefore = archivedPath(space);
  });

  test("runbooks", async () => {
    change(archivedPath(space), (text) => text.replace("Done.", "Not done."));
    linkTo(inProject("runbooks"));
    const { exit, found, counts } = await findings();
    expect(exit).toBe(4);
    const message = "'runbooks' is a symbolic link where a real folder is needed";
    expect(found).toContainEqual(expect.objectContaining({ rule: "file.symlink", message }));
    expect(found.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(["audit.gone", "audit.memo-edited"]),
    );
    expect(counts).toMatchObject({ runbooks: 0, memos: 2 });
  });
});

describe("an index of git's that cannot be read is told as what it is, and the history is looked at", () => {
  test.each([
    ["cut off", () => truncateSync(inProject(".git/index"), statSync(inProject(".git/index")).size - 40)],
    ["cut off near its beginning", () => truncateSync(inProject(".git/index"), 7)],
    ["something else", () => writeFileSync(inProject(".git/index"), "garbage".repeat(20))],
  ])("%s", async (_, spoil) => {
    change(archivedPath(space), (text) => text.replace("Done.", "Not done."));
    spoil();
    const { exit, found, counts } = await findings();
    expect(exit).toBe(4);
    expect(found).toMatchObject([
      {
        rule: "audit.index",
        file: inProject(".git/index"),
        fix: expect.stringMatching(/rm .*\.git\/index && git reset$/),
      },
      { rule: "audit.memo-edited" },
    ]);
    expect(counts).toMatchObject({ runbooks: 1, memos: 2, commits: 9 });
  });

  test("beside an object that is damaged, which is told as well", async () => {
    const id = space.project.git("rev-parse", "HEAD:vibeops.yaml").trim();
    const object = inProject(`.git/objects/${id.slice(0, 2)}/${id.slice(2)}`);
    chmodSync(object, 0o644);
    writeFileSync(object, "garbage");
    truncateSync(inProject(".git/index"), 7);
    const { found } = await findings();
    expect(found.map(({ rule }) => rule)).toEqual(expect.arrayContaining(["audit.index", "audit.objects"]));
  });
});

describe("a peer whose copies cannot be looked at is a warning, and hides no other", () => {
  const copyTo = (name: string) => {
    const peer = space.space.project(
      name,
      `project: ${name}\nagents: { developer: { provider: builtin } }\n`,
    );
    const archived = archivedPath(space);
    const month = dirname(archived).slice(-7);
    peer.write(
      `memos/sent/${month}/${archived.slice(archived.lastIndexOf("/") + 1)}`,
      readFileSync(archived, "utf8").replace("Please.", "Now."),
    );
    return peer;
  };

  test.each<[string, (root: string) => void]>([
    ["its vibeops.yaml is broken", (root) => writeFileSync(join(root, "vibeops.yaml"), "project: [\n")],
    [
      "its mail is a link",
      (root) => {
        renameSync(join(root, "memos"), join(root, "elsewhere"));
        symlinkSync("elsewhere", join(root, "memos"));
      },
    ],
  ])("%s", async (_, spoil) => {
    const shop = copyTo("shop");
    copyTo("office");
    const peers = "peers: { shop: { path: ../shop }, office: { path: ../office } }";
    change(inProject("vibeops.yaml"), (text) => `${text}${peers}\n`);
    spoil(shop.root);
    const { exit, found } = await findings();
    expect(exit).toBe(4);
    expect(found).toMatchObject([
      { rule: "audit.memo-copy", message: expect.stringContaining("the copy that office keeps") },
      {
        rule: "audit.peer",
        level: "warning",
        message: expect.stringContaining("the copies that shop keeps of its memos could not be looked at: "),
      },
    ]);
  });
});

test("a file among kept memos that is no memo is none that was kept", async () => {
  writeFileSync(join(dirname(archivedPath(space)), "README.md"), "What is here.\n");
  commit(space);
  expect(await audit(space)).toMatchObject({ exit: 0, rules: [] });
});

test("a runbook's folder without its runbook.md is told with how to get it back", async () => {
  rmSync(inProject(`runbooks/${ID}/runbook.md`));
  mkdirSync(inProject("runbooks/20261120T150000Z-aaaaaaaa"));
  const { found } = await findings();
  expect(found).toMatchObject([
    {
      message: "this runbook's folder holds no runbook.md",
      fix: expect.stringContaining("git log -- runbooks/"),
    },
    { message: "this runbook's folder holds no runbook.md" },
  ]);
});

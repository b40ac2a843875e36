import { execFileSync } from "node:child_process";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { searchMemos } from "../../src/memo/search.ts";
import { parseTerms } from "../../src/memo/search-query.ts";
import { putMemo } from "../helpers/memo-file.ts";
import { shopAndInfra } from "../helpers/workspace.ts";

const ids = {
  pending: "20261120T140000Z-aaaaaaaa",
  archived: "20261001T120000Z-bbbbbbbb",
  older: "20250901T120000Z-cccccccc",
  sent: "20261119T120000Z-dddddddd",
};

function library() {
  const space = shopAndInfra();
  const { infra } = space;
  putMemo(infra, "memos/incoming", { id: ids.pending, body: "The certificate of caddy ends soon.\n" });
  putMemo(infra, "memos/archived/2026-10", {
    id: ids.archived,
    subject: "Renew the certificate",
    type: "security",
    body: "One line.\n\nPlease renew\nthe Certificate of CADDY, and write certificates down.\n",
  });
  putMemo(infra, "memos/archived/2025-09", { id: ids.older, body: "Die Straße heißt Ångström. Caddy.\n" });
  putMemo(infra, "memos/sent/2026-11", {
    id: ids.sent,
    from: "sysadmin@infra",
    to: "shop",
    body: "No such thing: certificate of nginx.\n",
  });
  return space;
}

interface Hit {
  id: string;
  place: string;
  lines: { line: number; text: string }[];
  moreLines: number;
}

async function searched({ infra }: ReturnType<typeof library>, ...args: string[]) {
  const { stdout, exit } = await infra.vibeops("memo", "search", ...args, "--json");
  expect(exit, stdout).toBe(0);
  const { result } = JSON.parse(stdout);
  return { ...result, ids: result.hits.map(({ id }: Hit) => id) };
}

describe("memo search", () => {
  test("finds what is pending, archived and sent, the best first", async () => {
    const result = await searched(library(), "certificate");
    expect(result.ids).toEqual([ids.archived, ids.pending, ids.sent]);
    expect(result.hits.map(({ place }: Hit) => place)).toEqual(["archived", "incoming", "sent"]);
    expect(result.total).toBe(3);
  });

  test("by date, the newest first", async () => {
    const result = await searched(library(), "certificate", "--sort", "date");
    expect(result.ids).toEqual([ids.pending, ids.sent, ids.archived]);
  });

  test.each([
    ["all words have to be there", ["certificate", "caddy"], [ids.archived, ids.pending]],
    ["case does not count", ["CERTIFICATE", "nginx"], [ids.sent]],
    [
      "a phrase stands together, over the end of a line too",
      ["renew the certificate of caddy"],
      [ids.archived],
    ],
    ["words in another order are no phrase", ["caddy of certificate"], []],
    ["quotes inside a word make a phrase", ['certificate "of nginx"'], [ids.sent]],
    ["letters with marks, however they are written", ["A\u030angstrom\u0308".replace("o\u0308", "ö")], []],
    ["decomposed letters", ["A\u030angstro\u0308m"], [ids.older]],
    ["ß and SS", ["STRASSE"], [ids.older]],
    ["signs of a pattern are signs", ["ca.dy"], []],
    ["front matter is text too", ["type:", "security"], [ids.archived]],
    ["what stands nowhere", ["zebra"], []],
  ])("%s", async (_promise, words, expected) => {
    expect((await searched(library(), ...words)).ids).toEqual(expected);
  });

  test.each([
    [["--state", "archived"], [ids.archived]],
    [["--state", "new"], [ids.pending]],
    [["--state", "sent"], [ids.sent]],
    [["--type", "security"], [ids.archived]],
    [
      ["--from", "shop"],
      [ids.archived, ids.pending],
    ],
    [
      ["--newer", "2d"],
      [ids.pending, ids.sent],
    ],
    [["--limit", "1"], [ids.archived]],
  ])("%j keeps %j", async (flags, expected) => {
    expect((await searched(library(), "certificate", ...flags)).ids).toEqual(expected);
  });

  test("the matching lines come with their numbers, as they stand in the file", async () => {
    const { hits } = await searched(library(), "renew the", "caddy");
    expect(hits[0].lines).toEqual([
      { line: 6, text: "subject: Renew the certificate" },
      { line: 11, text: "Please renew" },
      { line: 12, text: "the Certificate of CADDY, and write certificates down." },
    ]);
  });

  test("long lines are cut around the place, and many are counted", async () => {
    const space = library();
    const long = `${"word ".repeat(200)}Needle${" word".repeat(200)}`;
    putMemo(space.infra, "memos/archived/2026-10", {
      id: "20261002T120000Z-eeeeeeee",
      body: `${long}\n${"a needle\n".repeat(9)}`,
    });
    const [hit] = (await searched(space, "needle")).hits;
    expect(hit.lines).toHaveLength(3);
    expect(hit.lines[0].text).toMatch(/^….*Needle.*…$/);
    expect(hit.lines[0].text.length).toBeLessThan(200);
    expect(hit.moreLines).toBe(7);
  });

  test("what a terminal would obey is shown", async () => {
    const space = library();
    const body = "Escape \u001b[2J here\n";
    putMemo(space.infra, "memos/archived/2026-10", { id: "20261002T120000Z-eeeeeeee", body });
    const { stdout } = await space.infra.vibeops("memo", "search", "escape");
    expect(stdout).toContain("Escape ⟨U+001B⟩[2J here");
    expect(stdout).not.toContain("\u001b");
  });

  test("no setting of the repository hides anything: ignored, binary for git, untracked", async () => {
    const space = library();
    space.infra.write(".gitattributes", "*.md binary diff=evil filter=evil\n");
    space.infra.write(".gitignore", "memos/archived\n");
    expect((await searched(space, "certificate")).ids).toHaveLength(3);
  });

  test("what cannot be read hides nothing and is named", async () => {
    const space = library();
    const folder = join(space.infra.root, "memos/archived/2026-10");
    symlinkSync("/etc/hostname", join(folder, "20261003T120000Z-aaaaaaaa.md"));
    execFileSync("mkfifo", [join(folder, "20261003T120000Z-bbbbbbbb.md")]);
    writeFileSync(join(folder, "20261003T120000Z-cccccccc.md"), "certificate ".repeat(30_000));
    writeFileSync(
      join(folder, "20261003T120000Z-dddddddd.md"),
      Buffer.from("certificate \xff zebra", "latin1"),
    );
    const result = await searched(space, "certificate");
    expect(result.total).toBe(4);
    expect(result.unread.map(({ code }: { code: string }) => code).sort()).toEqual([
      "file.size",
      "file.symlink",
      "file.type",
    ]);
    expect((await space.infra.vibeops("memo", "search", "zebra")).stdout).toContain(
      "not searched: memos/archived",
    );
  });

  test("a broken memo in the inbox is named, and is no hit", async () => {
    const space = library();
    space.infra.write("memos/incoming/20261120T130000Z-eeeeeeee.md", "---\nid: [\n---\ncertificate\n");
    const result = await searched(space, "certificate");
    expect(result.total).toBe(3);
    expect(result.unread).toMatchObject([{ code: "memo.yaml-syntax" }]);
  });

  test("several projects are one answer, and one that is gone does not hide the others", async () => {
    const { shop, infra, context, directory } = library();
    putMemo(shop, "memos/sent/2026-11", { id: "20261118T120000Z-eeeeeeee", body: "certificate\n" });
    const query = { terms: parseTerms(["certificate"]), filter: {}, sort: "date", limit: 0 } as const;
    const projects = [infra.root, join(directory, "gone"), shop.root];
    const { hits, total, unread } = await searchMemos(projects, query, context.now());
    expect(total).toBe(4);
    expect(hits.filter(({ project }) => project === shop.root)).toHaveLength(1);
    expect(unread).toMatchObject([{ code: "file.missing", file: join(directory, "gone") }]);
    rmSync(join(shop.root, "memos"), { recursive: true });
    expect((await searchMemos([shop.root], query, context.now())).total).toBe(0);
  });

  test("to find nothing is an answer, and says so", async () => {
    const { exit, stdout, stderr } = await library().infra.vibeops("memo", "search", "zebra");
    expect({ exit, stdout, stderr }).toEqual({
      exit: 0,
      stdout: "No memo holds all of these words.\n",
      stderr: "",
    });
  });

  test.each([
    [["--sort", "newest"], "--sort is 'newest'"],
    [["--state", "archive"], "did you mean 'archived'"],
    [["--older", "1y"], "--older is '1y'"],
  ])("%j is refused with what would be right", async (flags, message) => {
    const { exit, stderr } = await library().infra.vibeops("memo", "search", "caddy", ...flags);
    expect(exit).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain("fix:");
  });

  test("nothing to look for is refused", async () => {
    const { exit, stderr } = await library().infra.vibeops("memo", "search", "  ");
    expect(exit).toBe(2);
    expect(stderr).toContain("there is no word to look for");
  });
});

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { startThreads } from "../../src/cli/threads.ts";
import { listMemoFolders } from "../../src/memo/memo-files.ts";
import { shareFolders, takeFiles } from "../../src/memo/memo-shares.ts";
import { searchMemos } from "../../src/memo/search.ts";
import { parseTerms } from "../../src/memo/search-query.ts";
import { type SearchShare, type SharedSearch, searchShare } from "../../src/memo/search-share.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { putMemo } from "../helpers/memo-file.ts";
import { shopAndInfra } from "../helpers/workspace.ts";

const now = new Date("2026-11-20T12:00:00Z");
const query = { terms: parseTerms(["certificate"]), filter: {}, sort: "rank", limit: 0 } as const;
const script = resolve("bin/thread.js");

/** One folder that threads share, months that they take whole, and three files that cannot be looked into. */
function makeLibrary(): string {
  const { infra } = shopAndInfra();
  const { root } = infra;
  for (let i = 0; i < 3_600; i += 1) {
    const month = i < 2_400 ? "2026-01" : `2025-${String((i % 12) + 1).padStart(2, "0")}`;
    const suffix = i
      .toString(32)
      .padStart(8, "0")
      .replaceAll(/[ilou]/g, "z");
    putMemo(infra, `memos/archived/${month}`, {
      id: `${month.replace("-", "")}01T${String(i % 24).padStart(2, "0")}${String(i % 60).padStart(2, "0")}00Z-${suffix}`,
      body: i % 3 === 0 ? "Renew the certificate.\n" : "Nothing of that.\n",
    });
  }
  for (const month of ["2025-03", "2026-01"])
    symlinkSync("/nowhere", join(root, "memos/archived", month, "20250301T000000Z-zzzzzzzz-link.md"));
  mkdirSync(join(root, "memos/incoming"), { recursive: true });
  writeFileSync(join(root, "memos/incoming/20260301T000000Z-zzzzzzzz-no.md"), "certificate, and no memo\n");
  return root;
}

describe("a search that several threads share", () => {
  const share = (root: string): SharedSearch => ({
    ...shareFolders(listMemoFolders(root, () => undefined)),
    query,
    now,
  });

  test("comes to each file once, wherever the threads begin and however they take turns", () => {
    const search = share(makeLibrary());
    const takers = new Set([0, 3, 7, 12].map((from) => takeFiles(search, from, () => undefined)));
    const paths: string[] = [];
    for (let turn = 1; takers.size > 0; turn += 1) {
      for (const [i, taker] of [...takers].entries()) {
        if (turn % (i + 2) === 0) continue;
        const { done, value } = taker.next();
        if (done === true) takers.delete(taker);
        else paths.push(value.path);
      }
    }
    expect(paths.length).toBe(3_603);
    expect(new Set(paths).size).toBe(3_603);
  });

  test("says what one thread alone says", async () => {
    const root = makeLibrary();
    const alone = await searchMemos([root], query, now);
    expect(alone.total).toBe(1_200);
    expect(alone.unread.map(({ code }) => code).sort()).toEqual([
      "file.symlink",
      "file.symlink",
      "memo.fm-missing",
    ]);
    for (const limit of [0, 20]) {
      const shared = await searchMemos([root], { ...query, limit }, now, (search) =>
        startThreads(script, "search", (thread) => ({ search, from: thread * 5 })),
      );
      expect(shared.hits).toEqual(limit === 0 ? alone.hits : alone.hits.slice(0, limit));
      expect(shared.total).toBe(1_200);
      expect(shared.unread.map(({ file }) => file).sort()).toEqual(
        alone.unread.map(({ file }) => file).sort(),
      );
    }
  });

  test.skipIf(availableParallelism() === 1)(
    "is done by the threads, where they get to it first",
    async () => {
      const search = share(makeLibrary());
      const shares = await Promise.all(
        startThreads<SearchShare>(script, "search", (thread) => ({ search, from: thread })),
      );
      expect(shares.reduce((sum, { total }) => sum + total, 0)).toBe(1_200);
      expect(searchShare(search, 0).total).toBe(0);
    },
  );

  test("is done again by one alone where a thread ends early", async () => {
    const broken = join(temporaryDirectory(), "broken.cjs");
    writeFileSync(broken, "process.exit(3);");
    const { total } = await searchMemos([makeLibrary()], query, now, (search) =>
      startThreads(broken, "search", () => ({ search, from: 0 })),
    );
    expect(total).toBe(1_200);
  });
});

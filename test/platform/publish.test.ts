import { spawnSync } from "node:child_process";
import { linkSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { publishNew, readRegularFile } from "../../src/platform/files.ts";
import { removeLeftOvers } from "../../src/platform/left-overs.ts";
import { formatOwner, newOwner } from "../../src/platform/lock-owner.ts";
import { removeOrphans } from "../../src/platform/orphans.ts";
import { canIsolate, missingComponents, nameWithMissing } from "../e2e/missing-components.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { bundleSoakChild } from "../soak/bundle.ts";

const TRACER = "strace";
const missing = missingComponents(["tracer"]);

/** Delivers one memo in a process of its own, under strace; `inject` as strace understands it. */
async function deliverTraced(inject: readonly string[]) {
  const folder = temporaryDirectory();
  const inbox = join(folder, "infra/memos/incoming");
  const child = await bundleSoakChild(folder);
  const calls = "trace=openat,write,fsync,link,unlink,close,mkdir";
  const args = ["-y", "-qq", "-o", join(folder, "log"), "-e", calls, ...inject, process.execPath, child];
  spawnSync("mkdir", ["-p", inbox]);
  const env = { PATH: process.env.PATH, HOME: folder } as NodeJS.ProcessEnv;
  const result = spawnSync(TRACER, [...args, "write", join(folder, "infra"), "shop", "1", "0"], {
    env,
    encoding: "utf8",
  });
  const log = readFileSync(join(folder, "log"), "utf8").split("\n");
  const about = log.filter((line) => line.includes(`${inbox}`) || /^write\(1</.test(line));
  // The so-manieth close of the program that is the temporary's.
  const closes = log.filter((line) => line.startsWith("close("));
  const closing = closes.findIndex((line) => line.includes(`${inbox}/.vibeops-`)) + 1;
  // Up to the acknowledgement: after it, the same memo is delivered once more.
  const said = about.findIndex((line) => line.startsWith("write(1<"));
  const steps = about
    .slice(0, said === -1 ? undefined : said + 1)
    .map((line) => line.replaceAll(inbox, "INBOX"));
  return { ...result, names: readdirSync(inbox), steps, closing };
}

describe.skipIf(missing.length > 0)(nameWithMissing("a delivery, as strace sees it", missing), () => {
  test("writes a temporary that only we made, syncs it, links it, syncs the folder, unlinks, and only then says so", async () => {
    const { steps, names } = await deliverTraced([]);
    const shape = [
      /^openat\(.*\.vibeops-[0-9a-f]{16}\.tmp", O_WRONLY\|O_CREAT\|O_EXCL\|O_NOFOLLOW/,
      /^write\(\d+<INBOX\/\.vibeops-/,
      /^fsync\(\d+<INBOX\/\.vibeops-.*= 0/,
      /^close\(\d+<INBOX\/\.vibeops-/,
      /^link\("INBOX\/\.vibeops-.*", "INBOX\/\d{8}T\d{6}Z-.*\.md"\) = 0/,
      /^openat\(.*"INBOX", O_RDONLY\|O_CLOEXEC\|O_DIRECTORY/,
      /^fsync\(\d+<INBOX>\) += 0/,
      /^close\(\d+<INBOX>/,
      /^unlink\("INBOX\/\.vibeops-.*= 0/,
      /^write\(1<.*"delivered /,
    ];
    const at = steps.findIndex((line) => shape[0]?.test(line));
    for (const [i, expected] of shape.entries()) expect(steps[at + i]).toMatch(expected);
    expect(names).toHaveLength(1);
  });

  test("EIO from fsync: it starts again with a new file, and the page that may be lost is in neither", async () => {
    const { status, steps, names } = await deliverTraced(["-e", "inject=fsync:error=EIO:when=1"]);
    expect(status).toBe(0);
    const opened = steps.flatMap((line) =>
      /O_EXCL/.test(line) ? [/\.vibeops-[0-9a-f]{16}/.exec(line)?.[0]] : [],
    );
    expect(new Set(opened).size).toBe(2);
    expect(
      steps.filter((line) => line.startsWith("link(")).every((line) => line.includes(opened[1] ?? "-")),
    ).toBe(true);
    expect(names).toHaveLength(1);
  });

  test.each([
    ["fsync", "EIO", "1..2"],
    ["fsync", "ENOSPC", "1"],
    ["link", "ENOSPC", "1"],
  ])(
    "%s failing with %s: an error with the system's own words, and no temporary left",
    async (call, error, when) => {
      const { status, stderr, names } = await deliverTraced([
        "-e",
        `inject=${call}:error=${error}:when=${when}`,
      ]);
      expect(status).not.toBe(0);
      expect(stderr).toContain(error);
      expect(names).toEqual([]);
    },
  );

  test("close failing, where some file systems first tell of a full disk: it starts again, and leaves no temporary", async () => {
    const { closing } = await deliverTraced([]);
    expect(closing).toBeGreaterThan(0);
    const { status, steps, names } = await deliverTraced(["-e", `inject=close:error=EIO:when=${closing}`]);
    expect(status).toBe(0);
    expect(steps.filter((line) => line.includes("O_EXCL"))).toHaveLength(2);
    expect(names).toHaveLength(1);
  });

  test("a temporary that cannot be unlinked takes nothing back: the memo is there, and is read", async () => {
    const { status, names, steps } = await deliverTraced(["-e", "inject=unlink:error=EIO:when=1"]);
    expect(status).toBe(0);
    expect(steps.at(-1)).toContain("delivered ");
    expect(names).toHaveLength(2);
  });
});

describe.skipIf(missing.length > 0 || !canIsolate())("a disk that is really full", () => {
  test("what does not fit leaves an error and no file, what did fit stays, and with room again it goes on", async () => {
    const folder = temporaryDirectory();
    const child = await bundleSoakChild(folder);
    const script = [
      "set -e; mkdir disk; mount -t tmpfs -o size=100k none disk; mkdir -p disk/memos/incoming",
      // Room for 25 pages, and each memo takes two: of the last one write(2) stores a part.
      `if strace -qq -o log -e trace=write ${process.execPath} ${child} write disk shop 40 0 > said 2> error; then exit 1; fi`,
      "grep -q ENOSPC error",
      "grep -o 'write(.*' log | awk -F', ' '{ split($NF, end, \") = \"); if (end[2] > 0 && end[2] < end[1]) print }' | grep -q .",
      'test "$(wc -l < said)" = "$(ls -A disk/memos/incoming | wc -l)"',
      "rm disk/memos/incoming/*",
      `${process.execPath} ${child} write disk shop 3 0 > again`,
      'test "$(wc -l < again)" = 3',
    ].join("\n");
    const result = spawnSync("unshare", ["--mount", "bash", "-xc", script], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(result.status, result.stderr).toBe(0);
  });
});

describe("a file that is being delivered", () => {
  test("is read while our temporary is its second name, and where that went after the folder was listed", () => {
    const folder = temporaryDirectory();
    const path = join(folder, "memo.md");
    writeFileSync(path, "all of it");
    linkSync(path, join(folder, ".vibeops-0123456789abcdef.tmp"));
    // Listed before the delivery began.
    expect(readRegularFile(path, { temporaries: [] }).toString()).toBe("all of it");
    rmSync(join(folder, ".vibeops-0123456789abcdef.tmp"));
    linkSync(path, join(folder, "another"));
    expect(() => readRegularFile(path, { temporaries: [] })).toThrow(
      expect.objectContaining({ code: "file.hardlink" }),
    );
  });

  test("whose temporary a quick reader removed is delivered all the same", () => {
    const folder = temporaryDirectory();
    const outcome = publishNew(join(folder, "memo.md"), Buffer.from("words"), () =>
      removeOrphans(folder, new Date()),
    );
    expect(outcome).toBe("created");
    expect(readdirSync(folder)).toEqual(["memo.md"]);
  });
});

describe("what a kill left in a folder", () => {
  test("temporaries go after 36 hours and no sooner; a dead owner's lock goes, a living one's and a stranger's stay", () => {
    const folder = temporaryDirectory();
    const now = new Date();
    const write = (name: string, text: string | Buffer, hours = 0) => {
      const time = new Date(now.getTime() - hours * 3_600_000);
      writeFileSync(join(folder, name), text);
      utimesSync(join(folder, name), time, time);
    };
    write(".vibeops-0000000000000001.tmp", "", 35.9);
    write(".vibeops-0000000000000002.tmp", "", 36.1);
    write(".vibeops-1.tmp", "", 999);
    write("STATE.md.lock", formatOwner({ ...newOwner(), boot: "another" }));
    write("alive.lock", formatOwner(newOwner()));
    write("package.lock", "theirs", 999);
    removeLeftOvers(folder, now);
    expect(readdirSync(folder)).toEqual([
      ".vibeops-0000000000000001.tmp",
      ".vibeops-1.tmp",
      "alive.lock",
      "package.lock",
    ]);
  });
});

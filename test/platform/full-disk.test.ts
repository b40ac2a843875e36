import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { explainFailure } from "../../src/platform/git-failure.ts";
import { canIsolate } from "../e2e/missing-components.ts";
import { workspace } from "../helpers/workspace.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/vibeops.js", import.meta.url));

describe("git's words for what the system refused", () => {
  test.each([
    ["fatal: sha1 file '.git/objects/pack/tmp_idx_a' write error. Out of diskspace", "system.enospc"],
    ["fatal: unable to write loose object file: No space left on device", "system.enospc"],
    ["fatal: cannot store pack file: Disk quota exceeded", "system.edquot"],
    ["error: cannot open .git/objects/tmp: Too many open files", "system.emfile"],
  ])("%s", (stderr, code) => {
    const failure = explainFailure("fast-import", { stderr });
    expect(failure).toMatchObject({ code, exit: 1, fix: expect.stringContaining("run the command again") });
    expect(failure.message).toContain("git fast-import could not do its work");
  });

  test("a lock that could not be written, of which git does not say why, is named with where to look", () => {
    const stderr =
      "fatal: prepare: cannot update ref 'refs/heads/main': couldn't write '/p/.git/refs/heads/main.lock'";
    const { message, fix } = explainFailure("update-ref", { stderr });
    expect(message).toBe("git update-ref could not write /p/.git/refs/heads/main.lock");
    expect(fix).toContain("df -h");
  });
});

/**
 * A project on a disk of its own on which so much is left. `once` and `again`: the same command, on the full disk and
 * with room; in between the text of STATE.md and what git says of the work tree are kept.
 */
function onFullDisk(kilobytes: number, command: string) {
  const space = workspace();
  const infra = space.project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  infra.write("STATE.md", "# infra\n\n## Current status\n\nAs it was.\n");
  infra.git("add", ".");
  infra.git("commit", "--quiet", "-m", "State");
  const script = [
    "set -e; cp -a infra copy; mount -t tmpfs -o size=4m,huge=never none infra; cp -a copy/. infra; cd infra",
    "free=$(df -k --output=avail . | tail -1)",
    `head -c $(( (free - ${kilobytes}) * 1024 )) /dev/zero > .git/fill`,
    `status=0; "$NODE" "$PROGRAM" ${command} > ../said 2> ../error || status=$?; echo $status > ../status`,
    "cp STATE.md ../STATE.md; git status --porcelain > ../changed; ls -A .git > ../left; ls -A . >> ../left",
    `rm .git/fill; "$NODE" "$PROGRAM" ${command}; git status --porcelain; git fsck --strict`,
  ].join("\n");
  const env = { ...space.context.env, NODE: process.execPath, PROGRAM } as NodeJS.ProcessEnv;
  const ended = spawnSync("unshare", ["--mount", "--propagation", "private", "bash", "-c", script], {
    cwd: space.directory,
    env,
    encoding: "utf8",
  });
  const read = (name: string) => {
    const path = join(space.directory, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  return { ...ended, read };
}

describe.skipIf(!canIsolate())("a disk that is full by the time git wants room", () => {
  test.each([8, 12, 16, 20, 24, 32, 40])(
    "with %i KB left, state set changes all or nothing, and says what to do",
    (kilobytes) => {
      const { status, stderr, read } = onFullDisk(kilobytes, "state set --status New");
      expect(status, stderr).toBe(0);
      if (read("status") === "0\n") return;
      expect(read("error")).toMatch(/^error: (?:the disk is full \(ENOSPC\): \S|git \S+ could not write \S)/);
      expect(read("error")).toMatch(/fix: .*then run the command again/);
      expect(read("STATE.md")).toContain("As it was.");
      expect(read("changed")).toBe("");
      expect(read("left")).not.toMatch(/fast_import_crash|\.vibeops-.*\.tmp/);
    },
  );
});

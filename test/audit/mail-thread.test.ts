import { appendFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type AuditReport, auditProject, type MailHelp } from "../../src/audit/audit.ts";
import type { MailAudit } from "../../src/audit/mail.ts";
import { startThread } from "../../src/cli/threads.ts";
import { requireGit } from "../../src/platform/git.ts";
import { loadProject } from "../../src/project/project.ts";
import { readTrust } from "../../src/runbook/approval.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { putMemo } from "../helpers/memo-file.ts";
import { shopAndInfra } from "../helpers/workspace.ts";

const script = resolve("bin/thread.js");
const onThread: MailHelp = (request, onProgress) =>
  startThread<MailAudit>(script, { job: "mail", input: request }, (told) => {
    const { done, of } = told as { done: number; of: number };
    onProgress(done, of);
  });

let audit: (help?: MailHelp) => Promise<{ report: AuditReport; shown: string[] }>;

/** So many memos that another thread is asked for, and one of each that somebody touched. */
beforeEach(async () => {
  const { infra, context } = shopAndInfra();
  const ids = Array.from({ length: 2_200 }, (_, i) => {
    const time = new Date(Date.UTC(2025, 0, 1) + i * 3_600_000).toISOString().slice(0, 19);
    return `${time.replaceAll(/[-:]/g, "")}Z-aaaaaaaa`;
  });
  const body = "## Context\n\nWords.\n\n## Action items\n\n- [ ] One\n\n## Completion\n";
  const incoming = ids.map((id) => putMemo(infra, "memos/incoming", { id, body }));
  infra.git("add", "--all");
  infra.git("commit", "--quiet", "-m", "In");
  for (const path of incoming) rmSync(path);
  const done = body.replace("[ ]", "[x]").concat("\n- Done: it\n");
  const archived = ids.map((id) => {
    const folder = `memos/archived/${id.slice(0, 4)}-${id.slice(4, 6)}`;
    // Two that came in with other words: one plainly, one with a block that has to be read.
    const words = id === ids[1_500] ? "Other words." : id === ids[3] ? "```text\nx\n```" : "Words.";
    return putMemo(infra, folder, { id, body: done.replace("Words.", words) });
  });
  infra.git("add", "--all");
  infra.git("commit", "--quiet", "-m", "Done");
  const at = (index: number) => archived[index] ?? "";
  writeFileSync(at(2_000), "Edited, and not committed.\n");
  appendFileSync(at(7), "Changed, and committed.\n");
  infra.git("commit", "--quiet", "-m", "Change", at(7));
  rmSync(at(8));
  rmSync(at(1_900));
  symlinkSync("/nowhere", at(1_900));
  putMemo(infra, "memos/archived/2025-02", { id: "20250201T000001Z-bbbbbbbb", body });

  audit = async (helpWithMail) => {
    const project = loadProject(infra.root);
    const gate = { project, git: requireGit(project.root, context.env), context };
    const shown: string[] = [];
    const onProgress = (what: string, count: number, of: number) => shown.push(`${count} of ${of} ${what}`);
    const request = { gate, trust: readTrust(gate), peers: [], onProgress };
    const report = await auditProject({ ...request, ...(helpWithMail && { helpWithMail }) });
    return { report, shown };
  };
  // From now on each sees the commit that the one before it saw.
  await audit();
});

describe("an audit whose mail is gone through on another thread", () => {
  test("finds what it finds alone, in the same order, and says how far it is", async () => {
    const alone = await audit();
    expect(alone.report.memos).toBe(2_200);
    expect(alone.report.findings.map(({ rule }) => rule)).toEqual([
      ...["audit.memo-gone", "audit.memo-edited", "audit.memo-unreadable", "audit.memo-words"],
      ...["audit.memo-words", "audit.memo-changed", "audit.memo-words", "audit.memo-untracked"],
    ]);
    const shared = await audit(onThread);
    expect(shared.report).toEqual(alone.report);
    expect(shared.shown).toEqual(alone.shown);
    expect(shared.shown.at(-1)).toBe("2200 of 2200 memos");
  });

  test("goes through it itself where that thread ends early", async () => {
    const broken = join(temporaryDirectory(), "broken.cjs");
    writeFileSync(broken, "process.exit(3);");
    let asked = 0;
    const { report } = await audit(async (request) => {
      asked += 1;
      return await startThread<MailAudit>(broken, { job: "mail", input: request });
    });
    expect(asked).toBe(1);
    expect(report).toEqual((await audit()).report);
  });
});

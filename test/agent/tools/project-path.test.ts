import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { placeToWrite } from "../../../src/agent/tools/project-path.ts";
import { protectedReason, type Writer } from "../../../src/guard/protected-paths.ts";
import { loadProject } from "../../../src/project/project.ts";
import { workspace } from "../../helpers/workspace.ts";

const config = "project: infra\nagents: { sysadmin: { provider: builtin } }\n";

/** What no hand of an agent writes: neither a shell, nor an editing tool of an agent CLI, nor a tool of ours. */
const forbidden = [
  "vibeops.yaml",
  "services/shop/vibeops.yaml",
  "policy.yaml",
  "Inventory.yaml",
  "AGENTS.md",
  "CLAUDE.md",
  "GEMINI.md",
  "memos/archived/2026-11/a.md",
  "memos/sent/2026-11/a.md",
  "templates/roles/sysadmin.md",
  "runbooks/r1/approvals/n.yaml",
  "runbooks/r1/records/w.jsonl",
  "runbooks/r1/record.md",
  "runbooks/r1/seal.yaml",
  ".vibeops/session.yaml",
  ".git/config",
  ".claude/settings.json",
  ".codex/hooks.json",
  ".gemini/settings.json",
  ".mcp.json",
  "node_modules/.bin/vibeops",
];

describe.each(forbidden)("%s", (path) => {
  test.each<Writer>(["shell", "editor", "tool"])("is in the one list, for a %s", (writer) => {
    expect(protectedReason(path, writer)).not.toBeNull();
  });

  test("is written by no tool, though the role may write everything", () => {
    const { root } = workspace().project("infra", config);
    const caller = { project: loadProject(root), role: "sysadmin", writes: ["./"] };
    expect(() => placeToWrite(caller, path)).toThrow(/is not for an agent to (write|read)/);
  });
});

test("our own tools leave memos and STATE.md to those that are for them, and what a forge runs to a person", () => {
  const { root } = workspace().project("infra", config);
  const caller = { project: loadProject(root), role: "sysadmin", writes: ["./"] };
  for (const path of ["STATE.md", "memos/incoming/a.md", ".github/workflows/ci.yml", ".husky/pre-commit"]) {
    expect(() => placeToWrite(caller, path), path).toThrow(/is not for an agent to write/);
  }
  for (const path of ["deploy/shop/compose.yaml", "src/a.ts", "runbooks/r2/runbook.md", ".gitignore"]) {
    expect(placeToWrite(caller, path).relative, path).toBe(path);
  }
});

test("a project within this one is its own agents' to write, and so is what a protected name leads to", () => {
  const { root } = workspace().project("infra", config);
  const caller = { project: loadProject(root), role: "sysadmin", writes: ["./"] };
  mkdirSync(join(root, "shop/memos/incoming"), { recursive: true });
  writeFileSync(join(root, "shop/vibeops.yaml"), config.replace("infra", "shop"));
  for (const path of ["shop/policy.yaml", "shop/memos/incoming/a.md", "shop/src/new/a.ts"]) {
    expect(() => placeToWrite(caller, path), path).toThrow(/it lies in another project/);
  }
  mkdirSync(join(root, "agents/claude"), { recursive: true });
  symlinkSync("agents/claude", join(root, ".claude"));
  expect(() => placeToWrite(caller, "agents/claude/settings.json")).toThrow(/it is where .claude leads to/);
  expect(placeToWrite(caller, "agents/notes.md").relative).toBe("agents/notes.md");
});

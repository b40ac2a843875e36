import { chmodSync, chownSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readTrust } from "../../src/runbook/approval.ts";
import { refuseReachableTrust, trustPaths } from "../../src/runbook/trust.ts";
import { type GateWorkspace, gateWorkspace } from "./gate-workspace.ts";

/** What the gate says of the trust under another environment. */
function judge(space: GateWorkspace, env: Record<string, string> = {}): string {
  const gate = space.gate();
  const context = { ...gate.context, env: { ...gate.context.env, ...env } };
  try {
    readTrust({ ...gate, context });
    return "taken";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const BOTH = ["XDG_CONFIG_HOME", "XDG_STATE_HOME"] as const;

describe.each(BOTH)("%s", (variable) => {
  test("inside the project, or in another work tree of its repository, is refused", () => {
    const space = gateWorkspace();
    const linked = join(space.space.directory, "linked");
    space.project.git("worktree", "add", "--quiet", "--detach", linked);
    expect(judge(space)).toBe("taken");
    expect(judge(space, { [variable]: space.project.root })).toBe("trust.inside");
    expect(judge(space, { [variable]: join(space.project.root, "not/there/yet") })).toBe("trust.inside");
    expect(judge(space, { [variable]: linked })).toBe("trust.inside");
    expect(judge(space, { [variable]: join(space.project.root, ".git") })).toBe("trust.inside");
  });

  test("inside another project is refused: its agents write there", () => {
    const space = gateWorkspace();
    const other = space.space.project(
      "shop",
      "project: shop\nagents: { developer: { provider: builtin } }\n",
    );
    expect(judge(space, { [variable]: join(other.root, "config") })).toBe("trust.inside");
  });

  test("behind a link that lies in the project is refused, wherever it leads", () => {
    const space = gateWorkspace();
    const outside = join(space.space.directory, "outside");
    mkdirSync(outside, { mode: 0o700 });
    symlinkSync(outside, join(space.project.root, "link"));
    const through = join(space.space.directory, "through");
    symlinkSync(join(space.project.root, "link"), through);
    expect(judge(space, { [variable]: outside })).toBe("taken");
    expect(judge(space, { [variable]: join(space.project.root, "link") })).toBe("trust.inside");
    expect(judge(space, { [variable]: through })).toBe("trust.inside");
    const back = join(space.space.directory, "back");
    symlinkSync(space.project.root, back);
    expect(judge(space, { [variable]: back })).toBe("trust.inside");
  });

  test("that others may write, or whose parent others may write, is refused; a sticky parent is not", () => {
    const space = gateWorkspace();
    const parent = join(space.space.directory, "parent");
    const folder = join(parent, "vibeops");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const cases: [string, number, string][] = [
      [parent, 0o755, "taken"],
      [parent, 0o777, "trust.writable"],
      [parent, 0o1777, "taken"],
      [parent, 0o775, "trust.writable"],
      [parent, 0o700, "taken"],
      [folder, 0o770, "trust.writable"],
      [folder, 0o1777, "trust.writable"],
      [folder, 0o755, "taken"],
    ];
    for (const [path, mode, expected] of cases) {
      chmodSync(path, mode);
      expect(judge(space, { [variable]: parent }), `${path} ${mode.toString(8)}`).toBe(expected);
    }
  });

  test("that leads in circles is refused", () => {
    const space = gateWorkspace();
    const loop = join(space.space.directory, "loop");
    symlinkSync(loop, loop);
    expect(judge(space, { [variable]: loop })).toBe("trust.links");
  });
});

test.skipIf(process.getuid?.() !== 0)("a folder or file of another account is refused", () => {
  const space = gateWorkspace();
  const { directory, allowedSigners } = trustPaths(space.context.env);
  chownSync(allowedSigners, 12345, 12345);
  expect(judge(space)).toBe("trust.owner");
  chownSync(allowedSigners, 0, 0);
  expect(judge(space)).toBe("taken");
  chownSync(dirname(directory), 12345, 12345);
  expect(judge(space)).toBe("trust.owner");
});

test("each file must be a file of its own that others may not write", () => {
  const space = gateWorkspace();
  const paths = trustPaths(space.context.env);
  for (const file of [paths.key, `${paths.key}.pub`, paths.allowedSigners, paths.revoked]) {
    if (file === paths.revoked) writeFileSync(file, "");
    chmodSync(file, 0o664);
    expect(judge(space)).toBe("trust.writable");
    chmodSync(file, 0o600);
    renameSync(file, `${file}.real`);
    symlinkSync(`${file}.real`, file);
    expect(judge(space)).toBe("trust.symlink");
    renameSync(`${file}.real`, file);
  }
  expect(judge(space)).toBe("taken");
  refuseReachableTrust(paths, null);
});

test("a home that depends on where one stands is refused", () => {
  const space = gateWorkspace();
  for (const HOME of [".", "home", ""]) expect(judge(space, { HOME })).toBe("person.home");
});

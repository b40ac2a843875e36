import { join } from "node:path";
import { VibeopsError } from "../../errors.ts";
import { classifyCommand } from "../../guard/classify.ts";
import type { GuardFacts } from "../../guard/facts.ts";
import { lstatOrNull, readIfExists } from "../../platform/files.ts";
import type { Candidate } from "./candidate.ts";
import { makefileCandidates } from "./makefile-targets.ts";
import { type PackageManager, packageCandidates } from "./package-scripts.ts";

const lockFiles: Readonly<Record<string, PackageManager>> = {
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lock": "bun",
  "bun.lockb": "bun",
};

/**
 * What a project's own files say that checks or builds it, each once: package.json, Makefile, go.mod, Cargo.toml and
 * pyproject.toml. One that could not be proven to stay here is among them, with the reason.
 */
export function findCandidates(root: string, hosts: GuardFacts["hosts"]): Candidate[] {
  const read = (name: string) => readText(root, name);
  const lock = Object.keys(lockFiles).find((name) => lstatOrNull(join(root, name)) !== null);
  const manager = lockFiles[lock ?? ""] ?? "npm";
  const hasOwnShell = /^\s*(script-shell|node-options)\b/m.test(read(".npmrc") ?? "");
  // The order in which make looks for it.
  const makefile = read("GNUmakefile") ?? read("makefile") ?? read("Makefile");
  const found = [
    ...packageCandidates(read("package.json") ?? "", manager, hosts).map((one) =>
      hasOwnShell ? { ...one, why: "Its .npmrc says which shell runs scripts." } : one,
    ),
    ...makefileCandidates(makefile ?? "", hosts),
    ...(read("go.mod") === null ? [] : tools("go", ["go test ./...", "go build ./...", "go vet ./..."])),
    ...(read("Cargo.toml") === null ? [] : tools("cargo", ["cargo test", "cargo build"])),
    ...(/\bpytest\b/.test(read("pyproject.toml") ?? "")
      ? [{ name: "test", command: "pytest", why: null }]
      : []),
  ];
  const names = new Set<string>();
  return found.map((one) => {
    const program = one.command.split(" ", 1)[0] ?? "";
    const name = names.has(one.name) ? `${program}-${one.name}` : one.name;
    names.add(name);
    return { ...one, name };
  });
}

/** Those that the guard would stop an agent at, by what vibeops.yaml names now. */
export function findStopped(
  candidates: readonly Candidate[],
  facts: Pick<GuardFacts, "hosts" | "scripts">,
): Candidate[] {
  return candidates.filter(({ command }) => classifyCommand(command, facts).answer !== "local");
}

function tools(program: string, commands: readonly string[]): Candidate[] {
  return commands.map((command) => ({
    name: command.split(" ")[1] ?? program,
    command,
    why: null,
  }));
}

/** Null for what is not there, and for what is no regular file of a size that a person would write. */
function readText(root: string, name: string): string | null {
  try {
    return readIfExists(join(root, name))?.toString("utf8") ?? null;
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

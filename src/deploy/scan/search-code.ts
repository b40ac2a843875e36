import { join } from "node:path";
import { VibeopsError } from "../../errors.ts";
import { runProcessGroup } from "../../platform/attended-process.ts";
import { readRegularFile } from "../../platform/files.ts";
import { findDirectory } from "../../platform/folders.ts";
import type { Git } from "../../platform/git.ts";
import { SAFE_ARGUMENTS } from "../../platform/git-settings.ts";
import type { Findings } from "./findings.ts";

/** A line of code that holds one of the words that matter. */
export interface CodeLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Literals, since git looks for many of them at once almost as fast as for one. What they mean, scan-code.ts reads. */
const WORDS = [
  "process.env",
  "import.meta.env",
  "Deno.env",
  "Bun.env",
  "os.environ",
  "etenv",
  "LookupEnv",
  "env::var",
  "env!(",
  "ENV[",
  "ENV.fetch",
  "$_ENV",
  "env('",
  'env("',
  ...["str", "bool", "int", "list", "url", "db", "cache"].map((type) => `env.${type}(`),
  "$env/",
  "GetEnvironmentVariable",
  "get_env",
  "/health",
  "/ready",
  "/livez",
  "/ping",
  "/up",
  // Django's routes begin without a slash.
  ...["health", "ready", "livez", "ping"].flatMap((name) =>
    [`path("`, "path('", `path(r"^`, "path(r'^"].map((call) => `${call}${name}`),
  ),
  "rails/health#show",
  "apiVersion:",
];

const CODE = [
  ..."js cjs mjs jsx ts cts mts tsx vue svelte astro py go rs rb erb php java kt kts scala groovy".split(" "),
  ..."cs fs ex exs clj lua pl swift dart c cc cpp h hpp cr nim prisma".split(" "),
];
const MANIFESTS = ["yaml", "yml"];

/** Tests and examples say what a test needs; what others wrote says what they needed. */
const ELSEWHERE = [
  "(?:^|/)(?:test|tests|__tests__|__mocks__|spec|specs|e2e|fixtures?|testdata|examples?|templates|docs?|node_modules)/",
  "(?:^|/)(?:vendor|third_party|dist|build|out|\\.venv|venv|site-packages|coverage|bower_components)/",
  // What an editor starts to develop in.
  "(?:^|/)\\.devcontainer(?:/|\\.json$)",
  "[._-](?:test|spec|stories|min)\\.\\w+$|(?:^|/)test_[^/]*\\.py$|_test\\.go$|_spec\\.rb$|Tests?\\.(?:java|kt|cs)$",
].map((source) => new RegExp(source));

const MAX_OUTPUT = 48 * 1024 * 1024;
const MAX_LINES = 40_000;
const MAX_LINE = 2_000;
const MAX_WALKED_BYTES = 256 * 1024;
const TIME_LIMIT_MS = 120_000;

/** Whether a path is code that the service itself runs. */
export function isOwnCode(path: string): boolean {
  return !ELSEWHERE.some((pattern) => pattern.test(path));
}

/** Lines of code and YAML that hold one of the words: one `git grep`, or a look into each file where there is no git. */
export async function searchCode(
  directory: string,
  git: Git | null,
  paths: readonly string[],
  findings: Findings,
): Promise<CodeLine[]> {
  if (git === null) return searchFiles(directory, paths);
  const words = WORDS.flatMap((word) => ["-e", word]);
  const patterns = [...CODE, ...MANIFESTS].map((extension) => `*.${extension}`);
  const excluded = ["node_modules", "vendor"].map((folder) => `:(exclude,glob)**/${folder}/**`);
  const shape = ["-n", "-z", "--no-color", "--no-column", "--no-full-name"];
  const args = ["grep", "--untracked", "--no-recurse-submodules", "-I", ...shape, "-F", ...words, "--"];
  const result = await runProcessGroup("git", [...SAFE_ARGUMENTS, ...args, ...patterns, ...excluded], {
    cwd: directory,
    env: git.env,
    timeoutMs: TIME_LIMIT_MS,
    maxBuffer: MAX_OUTPUT,
  });
  const lines = parseLines(result.stdout);
  if (result.exitCode > 1 || lines.length >= MAX_LINES) {
    const message = "the code was not searched to its end; variables and routes may be missing";
    findings.add("scan.search", "warning", message, { file: ".", line: 1 });
  }
  return lines;
}

/** `name NUL line NUL text`, as -z and -n give it. A name may hold a line break, a line of code none. */
function parseLines(output: string): CodeLine[] {
  const lines: CodeLine[] = [];
  for (let start = 0; start < output.length && lines.length < MAX_LINES; ) {
    const name = output.indexOf("\0", start);
    const number = output.indexOf("\0", name + 1);
    if (name === -1 || number === -1) break;
    const newline = output.indexOf("\n", number);
    const end = newline === -1 ? output.length : newline;
    const text = output.slice(number + 1, Math.min(end, number + 1 + MAX_LINE)).replace(/\r$/, "");
    lines.push({ file: output.slice(start, name), line: Number(output.slice(name + 1, number)), text });
    start = end + 1;
  }
  return lines;
}

function searchFiles(directory: string, paths: readonly string[]): CodeLine[] {
  const wanted = new RegExp(`\\.(?:${[...CODE, ...MANIFESTS].join("|")})$`);
  const lines: CodeLine[] = [];
  for (const file of paths) {
    if (!wanted.test(file) || !isOwnCode(file)) continue;
    const text = readCode(directory, file);
    if (text === null || !WORDS.some((word) => text.includes(word))) continue;
    for (const [i, line] of text.split("\n").entries()) {
      if (!WORDS.some((word) => line.includes(word))) continue;
      lines.push({ file, line: i + 1, text: line.slice(0, MAX_LINE).replace(/\r$/, "") });
      if (lines.length >= MAX_LINES) return lines;
    }
  }
  return lines;
}

/** The lines of files below a folder, none for what is not read. The last file's are kept: who asks, asks for it again. */
export function lineReader(directory: string): (file: string) => readonly string[] {
  let last: { file: string; lines: readonly string[] } | undefined;
  return (file) => {
    if (last?.file !== file) last = { file, lines: readCode(directory, file)?.split("\n") ?? [] };
    return last.lines;
  };
}

/** Null for what is no regular file or too long: no person wrote code like that. */
function readCode(directory: string, file: string): string | null {
  try {
    const cut = file.lastIndexOf("/");
    const folder = findDirectory(directory, cut === -1 ? "" : file.slice(0, cut));
    if (folder === null) return null;
    const bytes = readRegularFile(join(folder, file.slice(cut + 1)), {
      maxBytes: MAX_WALKED_BYTES,
      severalNames: true,
    });
    return bytes.includes(0) ? null : bytes.toString("utf8");
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

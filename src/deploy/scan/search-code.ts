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
const EXTENSIONS: ReadonlySet<string> = new Set([...CODE, "yaml", "yml"]);

/** Tests and examples say what a test needs; what others wrote says what they needed. */
const ELSEWHERE = [
  "(?:^|/)(?:test|tests|__tests__|__mocks__|spec|specs|e2e|fixtures?|testdata|examples?|templates|docs?|node_modules)/",
  "(?:^|/)(?:vendor|third_party|dist|build|out|\\.venv|venv|site-packages|coverage|bower_components)/",
  // What an editor starts to develop in.
  "(?:^|/)\\.devcontainer(?:/|\\.json$)",
  "[._-](?:test|spec|stories|min)\\.\\w+$|(?:^|/)test_[^/]*\\.py$|_test\\.go$|_spec\\.rb$|Tests?\\.(?:java|kt|cs)$",
].map((source) => new RegExp(source));

const WORD = new RegExp(
  WORDS.map((word) => word.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)).join("|"),
);

const MAX_OUTPUT = 48 * 1024 * 1024;
const MAX_LINES = 40_000;
const MAX_LINE = 2_000;
const TIME_LIMIT_MS = 120_000;

/** Whether a path is code that the service itself runs. */
export function isOwnCode(path: string): boolean {
  return !ELSEWHERE.some((pattern) => pattern.test(path));
}

/** Lines of code and YAML that hold one of the words, in the files that git names, or in these where there is no git. */
export async function searchCode(
  directory: string,
  git: Git | null,
  paths: readonly string[],
  findings: Findings,
): Promise<CodeLine[]> {
  const { files, isWhole } =
    git === null ? { files: paths.filter(isCode), isWhole: true } : await listFilesWithWords(directory, git);
  const lines: CodeLine[] = [];
  for (const file of files) {
    if (lines.length >= MAX_LINES) break;
    if (isOwnCode(file)) for (const line of linesWithWords(directory, file, findings)) lines.push(line);
  }
  if (!isWhole || lines.length >= MAX_LINES) {
    const message = "the code was not searched to its end; variables and routes may be missing";
    findings.add("scan.search", "warning", message, { file: ".", line: 1 });
  }
  return lines.slice(0, MAX_LINES);
}

function isCode(path: string): boolean {
  return EXTENSIONS.has(path.slice(path.lastIndexOf(".") + 1));
}

/**
 * Names alone: git leaves a file at the first of the words. For each line that it prints it would look for every word up
 * to the end of the file, which takes minutes where one file has thousands of them.
 */
async function listFilesWithWords(
  directory: string,
  git: Git,
): Promise<{ files: string[]; isWhole: boolean }> {
  const words = WORDS.flatMap((word) => ["-e", word]);
  const patterns = [...EXTENSIONS].map((extension) => `*.${extension}`);
  const excluded = ["node_modules", "vendor"].map((folder) => `:(exclude,glob)**/${folder}/**`);
  const shape = ["--files-with-matches", "-z", "--no-color", "--no-full-name"];
  const args = ["grep", "--untracked", "--no-recurse-submodules", "-I", ...shape, "-F", ...words, "--"];
  const result = await runProcessGroup("git", [...SAFE_ARGUMENTS, ...args, ...patterns, ...excluded], {
    cwd: directory,
    env: git.env,
    timeoutMs: TIME_LIMIT_MS,
    maxBuffer: MAX_OUTPUT,
  });
  return { files: result.stdout.split("\0").filter(Boolean), isWhole: result.exitCode <= 1 };
}

function* linesWithWords(directory: string, file: string, findings: Findings): Generator<CodeLine> {
  for (const [i, text] of (readCode(directory, file, findings) ?? "").split("\n").entries()) {
    if (WORD.test(text)) yield { file, line: i + 1, text: text.slice(0, MAX_LINE).replace(/\r$/, "") };
  }
}

/** The lines of files below a folder, none for what is not read. The last file's are kept: who asks, asks for it again. */
export function lineReader(directory: string): (file: string) => readonly string[] {
  let last: { file: string; lines: readonly string[] } | undefined;
  return (file) => {
    if (last?.file !== file) last = { file, lines: readCode(directory, file)?.split("\n") ?? [] };
    return last.lines;
  };
}

/** Null for what is no regular file, and for what is too long, which `findings` are told. */
function readCode(directory: string, file: string, findings?: Findings): string | null {
  try {
    const cut = file.lastIndexOf("/");
    const folder = findDirectory(directory, cut === -1 ? "" : file.slice(0, cut));
    if (folder === null) return null;
    const bytes = readRegularFile(join(folder, file.slice(cut + 1)), { severalNames: true });
    return bytes.includes(0) ? null : bytes.toString("utf8");
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    if (error.code === "file.size") findings?.add("scan.search", "warning", error.message, { file, line: 1 });
    return null;
  }
}

import { VibeopsError } from "../../errors.ts";
import type { Context } from "../../platform/context.ts";
import { lstatOrNull } from "../../platform/files.ts";
import type { Finding } from "../../text/finding.ts";
import { caddyRules } from "./caddy/rules.ts";
import { caddyFormat, caddyInvalid, validateCaddyfile } from "./caddy/validate.ts";
import { committedEnvFile, findCommittedEnvFiles } from "./compose/committed-env-files.ts";
import { composeFilesOf } from "./compose/compose-files.ts";
import { filesBelow, readComposeProject } from "./compose/project.ts";
import { composeRules } from "./compose/rules.ts";
import { type FileKind, kindByName, kindByText } from "./file-kind.ts";
import { findFiles, isFolderName } from "./find-files.ts";
import { lintOwnDocument } from "./own-documents.ts";
import { Reader } from "./reader.ts";
import type { Problem, Rule, RuleInfo } from "./rule.ts";
import type { Source } from "./source.ts";
import {
  readSuppressions,
  type Suppression,
  suppressionForm,
  suppressionReason,
  unusedSuppression,
} from "./suppressions.ts";

export interface LintOptions {
  /** Rules about looks, too. */
  readonly style: boolean;
  readonly env: Context["env"];
  readonly now: Date;
}

export interface LintReport {
  readonly files: readonly { readonly file: string; readonly kind: FileKind }[];
  /** By file and place. */
  readonly findings: readonly Finding[];
  /** What was not looked at, and why. */
  readonly notes: readonly string[];
  /** How many findings a suppression with a reason took away. */
  readonly suppressed: number;
}

const unreadable: RuleInfo = {
  id: "lint.unreadable",
  level: "error",
  summary: "a file can be read",
  why: "Binary files, links out of the tree and what is larger than a megabyte are no configuration that anybody reviews.",
};

/** Every rule that a suppression can name, in the order of their subjects. */
export const allRules: readonly RuleInfo[] = [
  ...composeRules,
  committedEnvFile,
  ...caddyRules,
  caddyInvalid,
  caddyFormat,
  unreadable,
  suppressionReason,
  suppressionForm,
  unusedSuppression,
];

type Found = Problem & { readonly rule: string };

/**
 * What is wrong in these files, and in those that lint knows below these folders.
 *
 * @param paths absolute
 * @throws VibeopsError `file.missing` for a name that is not there; for what stands in a file never
 */
export async function lintPaths(paths: readonly string[], options: LintOptions): Promise<LintReport> {
  const run = new Run(options);
  for (const path of paths) {
    if (isFolderName(path)) await run.lintFolder(path);
    else await run.lintFile(path, true);
  }
  return run.report();
}

class Run {
  readonly #options: LintOptions;
  readonly #reader = new Reader();
  readonly #files = new Map<string, FileKind>();
  readonly #sources = new Map<string, Source>();
  readonly #found = new Map<string, Found>();
  readonly #own: Finding[] = [];
  readonly #notes = new Set<string>();

  constructor(options: LintOptions) {
    this.#options = options;
  }

  async lintFolder(folder: string): Promise<void> {
    const { files, strays, isCutOff } = findFiles(folder, composeFilesOf(this.#reader));
    for (const file of files) await this.lintFile(file, false);
    for (const stray of strays)
      this.#own.push(
        unreadableFile(stray, {
          message: "this link leads out of the folder, or nowhere",
          fix: "replace it by the file itself",
        }),
      );
    if (files.length === 0) this.#notes.add(`${folder} holds no file that lint has rules for`);
    if (isCutOff)
      this.#notes.add(`${folder} has more folders than are looked into: name the ones that matter`);
  }

  async lintFile(path: string, isNamed: boolean): Promise<void> {
    if (this.#files.has(path)) return;
    if (isNamed && lstatOrNull(path) === null)
      throw new VibeopsError({
        code: "file.missing",
        exit: 3,
        message: "there is no such file",
        file: path,
        fix: "name a file or a folder",
      });
    const named = kindByName(path);
    const own = lintOwnDocument(path, named, this.#options.now);
    if (own !== null) {
      this.#files.set(path, named);
      this.#own.push(...own);
      return;
    }
    const read = this.#reader.read(path);
    if ("problem" in read) {
      this.#files.set(path, named);
      this.#own.push(unreadableFile(path, read.problem));
    } else await this.#lintSource(read.source);
  }

  async #lintSource(source: Source): Promise<void> {
    const kind = kindByText(source.path, source.text);
    this.#files.set(source.path, kind);
    if (kind === "compose") await this.#lintCompose(source);
    else if (kind === "caddy") await this.#lintCaddy(source);
    else if (kind === "memo")
      this.#own.push(...(lintOwnDocument(source.path, kind, this.#options.now) ?? []));
    else
      this.#notes.add(
        `${source.path}: lint has no rules for ${kind === "kubernetes" ? "Kubernetes manifests" : "such a file"}`,
      );
  }

  async #lintCompose(source: Source): Promise<void> {
    const project = readComposeProject(source, this.#reader);
    this.#sources.set(source.path, source);
    const below = filesBelow(project);
    const isHere = ({ spot }: Problem) => !below.has(spot.source.path);
    this.#take(composeRules, project, isHere);
    for (const problem of await findCommittedEnvFiles(project, this.#options.env))
      if (isHere(problem)) this.#add({ ...problem, rule: committedEnvFile.id });
  }

  async #lintCaddy(source: Source): Promise<void> {
    this.#sources.set(source.path, source);
    this.#take(caddyRules, source);
    const { problems, note } = await validateCaddyfile(source, this.#options.env);
    for (const problem of problems) this.#add(problem);
    if (note !== undefined) this.#notes.add(note);
  }

  #take<Subject>(
    rules: readonly Rule<Subject>[],
    subject: Subject,
    isWanted: (problem: Problem) => boolean = () => true,
  ): void {
    for (const rule of rules) {
      if (rule.style === true && !this.#options.style) continue;
      for (const problem of rule.check(subject))
        if (isWanted(problem)) this.#add({ level: rule.level, ...problem, rule: rule.id });
    }
  }

  /** What two files both lead to is said once. */
  #add(found: Found): void {
    const { source, offset } = found.spot;
    const key = `${source.path}\0${offset}\0${found.rule}`;
    if (!this.#found.has(key)) this.#found.set(key, found);
    this.#sources.set(source.path, source);
  }

  report(): LintReport {
    const ids = allRules.map(({ id }) => id);
    const findings: Finding[] = [...this.#own];
    let suppressed = 0;
    for (const source of this.#sources.values()) {
      const { suppressions, problems } = readSuppressions(source, ids);
      const used = new Set<Suppression>();
      for (const found of this.#found.values()) {
        if (found.spot.source !== source) continue;
        const { line } = source.placeOf(found.spot.offset);
        const match = suppressions.find(
          (one) => one.rule === found.rule && (one.line === undefined || one.line === line),
        );
        if (match === undefined) findings.push(findingAt(found));
        else {
          used.add(match);
          suppressed += 1;
        }
      }
      findings.push(...problems.map(findingAt));
      if (this.#files.has(source.path)) findings.push(...this.#unused(source, suppressions, used));
    }
    const files = [...this.#files].map(([file, kind]) => ({ file, kind }));
    return { files, findings: findings.toSorted(byPlace), notes: [...this.#notes], suppressed };
  }

  /** What Caddy itself says may be missing here because Caddy is. */
  #unused(source: Source, suppressions: readonly Suppression[], used: ReadonlySet<Suppression>): Finding[] {
    const judged = suppressions.filter(({ rule }) => {
      const info = allRules.find(({ id }) => id === rule);
      return (
        ![caddyInvalid.id, caddyFormat.id].includes(rule) && (info?.style !== true || this.#options.style)
      );
    });
    return judged
      .filter((one) => !used.has(one))
      .map(({ rule, offset }) =>
        findingAt({
          rule: unusedSuppression.id,
          level: "warning",
          spot: { source, offset },
          message: `${rule} finds nothing here`,
          fix: "delete the comment",
        }),
      );
  }
}

function findingAt({ rule, level = "error", message, fix, spot }: Found): Finding {
  return { rule, level, message, file: spot.source.path, ...spot.source.placeOf(spot.offset), fix };
}

function unreadableFile(file: string, problem: { message: string; fix: string; line?: number }): Finding {
  const { message, fix, line = 1 } = problem;
  return { rule: unreadable.id, level: "error", message, file, line, column: 1, fix };
}

function byPlace(one: Finding, other: Finding): number {
  const [a = "", b = ""] = [one.file, other.file];
  if (a !== b) return a < b ? -1 : 1;
  return (
    (one.line ?? 0) - (other.line ?? 0) ||
    (one.column ?? 0) - (other.column ?? 0) ||
    (one.rule < other.rule ? -1 : 1)
  );
}

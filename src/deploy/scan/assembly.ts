import type { DeploymentBlock } from "../../memo/deployment.ts";
import { fitsBlock } from "../../memo/deployment-field.ts";
import { redactSecrets } from "../../text/secrets.ts";
import { quoteUntrusted } from "../../text/visible.ts";
import { type Fact, sourceOf } from "./fact.ts";
import { distinctFacts } from "./facts.ts";
import type { Findings } from "./findings.ts";
import type { Conflict, Evidence, ScannedBlock, Unknown } from "./scan.ts";

type Field = Exclude<keyof DeploymentBlock, "service" | "version"> | "service" | "version";

/** Facts of one subject from one kind of source: the Compose file, the Kubernetes manifests. */
export type Sources<T> = readonly (readonly Fact<T>[])[];

/**
 * The block in the making. What goes in has a source, fits the block's schema and holds no secret; where sources
 * differ, nothing goes in.
 */
export class Assembly {
  readonly block: ScannedBlock = {};
  readonly evidence: Evidence[] = [];
  readonly remarks: Evidence[] = [];
  readonly #remarked = new Set<string>();
  readonly conflicts: Conflict[] = [];
  readonly unknown: Unknown[] = [];
  /** Fields of which something was found that did not go in. */
  readonly #leftOut = new Set<string>();
  readonly #findings: Findings;
  readonly #secrets: readonly string[];

  constructor(findings: Findings, secrets: ReadonlySet<string>) {
    this.#findings = findings;
    this.#secrets = [...secrets].filter(
      (secret) => secret.length >= 8 && /\d/.test(secret) && /[a-z]/i.test(secret),
    );
  }

  /** The one value that all sources give; null, and told, where they differ. */
  settle<T>(field: string, facts: readonly Fact<T>[], keyOf: (value: T) => string = String): Fact<T> | null {
    const distinct = distinctFacts(facts, keyOf);
    const [only, second] = distinct;
    if (only === undefined) return null;
    if (second === undefined) return only;
    this.dispute(field, distinct);
    return null;
  }

  /** All values together, unless two sources have none in common: then they speak of different things. */
  settleList<T>(field: string, sources: Sources<T>, keyOf: (value: T) => string): Fact<T>[] {
    const lists = sources.filter((facts) => facts.length > 0).map((facts) => distinctFacts(facts, keyOf));
    const disagree = lists.some((one, i) =>
      lists
        .slice(i + 1)
        .some((other) => !other.some((b) => one.some((a) => keyOf(a.value) === keyOf(b.value)))),
    );
    const all = distinctFacts(lists.flat(), keyOf);
    if (!disagree) return all;
    this.dispute(field, all);
    return [];
  }

  /** Takes a settled value into the block, if it fits; the evidence says where it was found. */
  put<T>(field: Field, value: unknown, found: readonly Fact<T>[], label: string = field): boolean {
    if (found.length === 0 || !this.#fits(field, value, found[0], label)) return false;
    Object.assign(this.block, { [field]: value });
    for (const one of found) this.note(label, one);
    return true;
  }

  note<T>(field: string, found: Fact<T>): void {
    this.evidence.push(this.#evidenceOf(field, found));
  }

  remark(facts: readonly Fact<unknown>[], field = "remark"): void {
    for (const found of facts) {
      const evidence = this.#evidenceOf(field, found);
      const key = `${evidence.source}\0${evidence.value}`;
      if (!this.#remarked.has(key)) this.remarks.push(evidence);
      this.#remarked.add(key);
    }
  }

  dispute(field: string, facts: readonly Fact<unknown>[]): void {
    this.conflicts.push({ field, said: facts.map((found) => this.#evidenceOf(field, found)) });
    this.unknown.push({ field, why: "the files say different things" });
  }

  ask(field: string, why: string): void {
    if (this.unknown.some((one) => one.field === field)) return;
    const isLeftOut = this.#leftOut.has(field);
    this.unknown.push({
      field,
      why: isLeftOut ? "what the files say of it was left out; the findings say why" : why,
    });
  }

  /** Items of a list that fit the block; each that does not is named. */
  fitting<T>(
    field: Field,
    facts: readonly Fact<T>[],
    itemOf: (value: T) => unknown = (value) => value,
  ): Fact<T>[] {
    return facts.filter((found) => this.#fits(field, [itemOf(found.value)], found));
  }

  /** Whether a fact holds a secret, which is then told by its place and goes nowhere. */
  refusesSecret(field: string, found: Fact<unknown>, value: unknown = found.value): boolean {
    if (!this.holdsSecret(value)) return false;
    const message = `${field} holds a secret here; it was left out of the block`;
    this.#findings.add("scan.secret", "warning", message, found, "name a variable instead");
    return true;
  }

  holdsSecret(value: unknown): boolean {
    const words = Array.isArray(value) ? value : [value];
    const isText = words.every((word) => typeof word === "string");
    // A list of words is a command line; anything else is searched as it will be written.
    const text = isText ? words.join(" ") : JSON.stringify(value);
    return redactSecrets(text, this.#secrets) !== text;
  }

  #fits(field: Field, value: unknown, found: Fact<unknown> | undefined, label: string = field): boolean {
    if (found === undefined) return false;
    const isSecret = this.refusesSecret(field, found, value);
    if (!isSecret && fitsBlock(field, value)) return true;
    this.#leftOut.add(label);
    if (isSecret) return false;
    const shown = quoteUntrusted(redactSecrets(describeValue(found.value), this.#secrets));
    const message = `${shown} cannot be written as ${field} of a deployment block; it was left out`;
    this.#findings.add("scan.unfit", "warning", message, found);
    return false;
  }

  #evidenceOf(field: string, found: Fact<unknown>): Evidence {
    const value = redactSecrets(describeValue(found.value), this.#secrets);
    return { field, value, source: sourceOf(found), file: found.file, line: found.line };
  }
}

/** A value in words: a port's number, a dependency with its image. */
function describeValue(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.join(" ");
  if (typeof value !== "object" || value === null) return String(value);
  const { name, path, image, container, protocol } = value as Record<string, unknown>;
  if (container !== undefined) return protocol === undefined ? `${container}` : `${container}/${protocol}`;
  const more = [path === undefined ? "" : ` at ${path}`, image === undefined ? "" : ` (${image})`].join("");
  return `${name}${more}`;
}

import * as z from "zod/mini";
import { renderTemplate } from "../text/template.ts";
import { readYaml } from "../text/yaml-own.ts";

/** A template that was found: its text, and its path for errors. */
interface TemplateFile {
  readonly text: string;
  readonly file: string;
}

/** Finds a template by its name below templates/; see project/templates.ts. */
export type FindTemplate = (name: string) => TemplateFile;

/** Fills in a template by its name. */
export function render(
  find: FindTemplate,
  name: string,
  values: Parameters<typeof renderTemplate>[1],
): string {
  const { text, file } = find(name);
  return renderTemplate(text, values, file);
}

const questionEntry = z.strictObject({
  field: z.optional(z.string()),
  to: z.enum(["sender", "operator"]),
  blocking: z.boolean(),
  question: z.string(),
  why: z.string(),
});

export type QuestionEntry = z.output<typeof questionEntry>;

/** `deploy/questions.yaml` by id, or another catalogue of that form. */
export function readQuestions(
  find: FindTemplate,
  name = "deploy/questions.yaml",
): Readonly<Record<string, QuestionEntry>> {
  const { text, file } = find(name);
  return readYaml(text, z.record(z.string(), questionEntry), file).value;
}

const readinessEntry = z.strictObject({
  question: z.string(),
  fields: z.array(z.string()),
  asks: z.array(z.string()),
});

/** `deploy/readiness.yaml` by id. */
export function readReadiness(find: FindTemplate): Readonly<Record<string, z.output<typeof readinessEntry>>> {
  const { text, file } = find("deploy/readiness.yaml");
  return readYaml(text, z.record(z.string(), readinessEntry), file).value;
}

/** `deploy/risks.yaml`: sentences by id. */
export function readRisks(find: FindTemplate): Readonly<Record<string, string>> {
  const { text, file } = find("deploy/risks.yaml");
  return readYaml(text, z.record(z.string(), z.string()), file).value;
}

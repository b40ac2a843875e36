import * as z from "zod/mini";
import { listRunbookTemplates, planRunbook, writeRunbook } from "../../runbook/new-runbook.ts";
import { runbookPath } from "../../runbook/runbook-paths.ts";
import { describeVariable } from "../../runbook/runbook-template.ts";
import { markUntrusted } from "../untrusted.ts";
import { placeToWrite } from "./project-path.ts";
import { defineTool } from "./tool.ts";

export const runbookTemplates = defineTool({
  name: "runbook_templates",
  description:
    "Lists the templates for runbook_draft: what each is for, its hosts in order, and its variables.",
  input: z.strictObject({}),
  readOnly: true,
  async run(_, { project, context, boundary }) {
    const templates = listRunbookTemplates(context, project);
    const lines = templates.flatMap(({ name, about, hosts, variables }) => [
      `${name}: ${about} (hosts: ${hosts.join(", ") || "none"})`,
      ...variables.map((one) => `  ${describeVariable(one)}`),
    ]);
    return {
      text: markUntrusted(boundary, "templates of runbooks", lines.join("\n")),
      said: `${templates.length} templates`,
    };
  },
});

export const runbookDraft = defineTool({
  name: "runbook_draft",
  description:
    "Writes a new runbook from a template, compiled, as a draft that runs nothing: an empty one unless told. Then answer its " +
    "open questions in the file, and lint it. For a deployment that a memo asks for, take prepare.",
  input: z.strictObject({
    title: z.string().check(z.minLength(1), z.maxLength(200)),
    template: z
      ._default(z.string().check(z.minLength(1), z.maxLength(60)), "empty")
      .check(z.describe("a name from runbook_templates")),
    hosts: z
      ._default(z.array(z.string().check(z.minLength(1))).check(z.maxLength(20)), [])
      .check(z.describe("names in inventory.yaml, in the template's order")),
    variables: z._default(z.record(z.string(), z.string().check(z.maxLength(1000))), {}),
  }),
  readOnly: false,
  async run({ title, template, hosts, variables }, caller) {
    const { project, context, role } = caller;
    const author = `${role}@${project.name}`;
    const plan = planRunbook(context, project, { title, from: template, hosts, set: variables, author });
    // The files beside it come from the template as they are.
    placeToWrite(caller, runbookPath(plan.id));
    await writeRunbook(context, project, plan);
    const paths = plan.files.map(({ path }) => path);
    return { text: `drafted ${plan.id}: ${paths.join(", ")}`, said: `drafted runbook ${plan.id}` };
  },
});

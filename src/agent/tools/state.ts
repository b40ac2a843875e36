import * as z from "zod/mini";
import { Exit, VibeopsError } from "../../errors.ts";
import { withMailTurn } from "../../memo/mail-turn.ts";
import { requireGit } from "../../platform/git.ts";
import { commitChanges } from "../../platform/git-commit.ts";
import { refuseSecretsInState } from "../../state/refuse-secrets.ts";
import { applyStateEdit, readState } from "../../state/state.ts";
import { redactSecrets } from "../../text/secrets.ts";
import { markUntrusted } from "../untrusted.ts";
import { defineTool } from "./tool.ts";

export const stateShow = defineTool({
  name: "state_show",
  description: "Shows STATE.md: where things stand in this project.",
  input: z.strictObject({}),
  readOnly: true,
  async run(_, { project, boundary }) {
    const { status, progress, next, handover } = readState(project)?.sections ?? {};
    const parts = Object.entries({ status, progress, next, handover });
    const text = parts.map(([name, words]) => `## ${name}\n${words ?? ""}`).join("\n");
    return { text: markUntrusted(boundary, "STATE.md", redactSecrets(text)), said: "read STATE.md" };
  },
});

const section = z.optional(z.string().check(z.maxLength(20_000)));

export const stateSet = defineTool({
  name: "state_set",
  description: "Replaces sections of STATE.md, or adds one line to its recent progress, and commits.",
  input: z.strictObject({
    status: section.check(z.describe("where things stand")),
    progress: z
      .optional(z.string().check(z.minLength(1), z.maxLength(500)))
      .check(z.describe("one line about what was done today")),
    next: section.check(z.describe("what comes next")),
    handover: section.check(z.describe("what the next session has to know")),
  }),
  readOnly: false,
  async run({ status, progress, next, handover }, { project, context }) {
    const dated =
      progress === undefined ? undefined : `${context.now().toISOString().slice(0, 10)} ${progress}`;
    const given = Object.entries({ status, progress: dated, next, handover }).filter(
      ([, text]) => text !== undefined,
    );
    if (given.length === 0) throw nothingGiven();
    const edit = Object.fromEntries(given);
    refuseSecretsInState(edit);
    const names = given.map(([name]) => name).join(", ");
    const git = requireGit(project.root, context.env);
    await withMailTurn(git, async () => {
      const change = await applyStateEdit(project, edit);
      await commitChanges(git, [change], `State: ${names}`, context);
    });
    return { text: `STATE.md: ${names}`, said: `STATE.md: ${names}` };
  },
});

function nothingGiven(): VibeopsError {
  return new VibeopsError({
    code: "usage.nothing",
    exit: Exit.usage,
    message: "nothing of STATE.md was named, and nothing was changed",
    fix: "say at least one of status, progress, next, handover",
  });
}

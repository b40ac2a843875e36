import * as z from "zod/mini";
import { git, requireGit } from "../../platform/git.ts";
import { redactSecrets } from "../../text/secrets.ts";
import { markUntrusted } from "../untrusted.ts";
import { placeInProject } from "./project-path.ts";
import { defineTool, type ToolContext } from "./tool.ts";

const MAX_CHARACTERS = 60_000;
const path = z.optional(z.string()).check(z.describe("only of this file or folder, below the project"));

export const gitLog = defineTool({
  name: "git_log",
  description: "Shows the newest commits of this project: id, date, author, subject.",
  input: z.strictObject({ count: z._default(z.int().check(z.minimum(1), z.maximum(200)), 30), path }),
  readOnly: true,
  async run({ count, path: only }, caller) {
    const args = [
      "log",
      `--max-count=${count}`,
      "--date=short",
      "--format=%h %ad %an: %s",
      "--no-show-signature",
    ];
    return await show(caller, args, only, "git log");
  },
});

export const gitDiff = defineTool({
  name: "git_diff",
  description: "Shows what differs from the last commit, or what one commit changed.",
  input: z.strictObject({
    commit: z
      .optional(z.string().check(z.regex(/^[0-9a-f]{4,64}$/)))
      .check(z.describe("the id of a commit; what is not committed yet, unless told")),
    path,
  }),
  readOnly: true,
  async run({ commit, path: only }, caller) {
    const what =
      commit === undefined
        ? ["diff", "HEAD"]
        : ["show", "--format=%h %ad %an: %s%n%n%b", `${commit}^{commit}`];
    const args = [...what, "--no-ext-diff", "--no-textconv", "--no-color"];
    return await show(caller, args, only, `git ${what[0]} ${commit ?? "HEAD"}`);
  },
});

async function show(caller: ToolContext, args: readonly string[], only: string | undefined, said: string) {
  const target = requireGit(caller.project.root, caller.context.env);
  const { absolute } = placeInProject(caller, only ?? ".");
  const output = await git(target, ["--literal-pathspecs", ...args, "--", absolute]);
  // Some more than is shown is looked through, so that no secret in it is cut.
  const shown = redactSecrets(output.slice(0, 2 * MAX_CHARACTERS));
  const cut = shown.length > MAX_CHARACTERS ? "\n(the rest was left out: give a path)" : "";
  return { text: markUntrusted(caller.boundary, said, shown.slice(0, MAX_CHARACTERS)) + cut, said };
}

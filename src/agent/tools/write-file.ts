import { dirname, relative as relativePath } from "node:path";
import * as z from "zod/mini";
import { Exit, VibeopsError } from "../../errors.ts";
import { lstatOrNull, readRegularFile, writeFileDurably } from "../../platform/files.ts";
import { ensureDirectory } from "../../platform/folders.ts";
import { type Git, git, gitPath, requireGit, tryGit } from "../../platform/git.ts";
import { commitFiles } from "../../platform/git-commit.ts";
import { asCheckedIn } from "../../platform/git-line-ends.ts";
import { readObjects } from "../../platform/git-objects.ts";
import { findSecrets } from "../../text/secrets.ts";
import { makeVisible } from "../../text/visible.ts";
import { placeToWrite } from "./project-path.ts";
import { defineTool } from "./tool.ts";

const MAX_CHARACTERS = 256 * 1024;

export const writeFile = defineTool({
  name: "write_file",
  description:
    "Writes a whole text file into a folder that your role may write, and commits it. To change a file, read it first and " +
    "give all of it. Scripts are written without permission to run.",
  input: z.strictObject({
    path: z.string().check(z.describe("below the project")),
    text: z.string().check(z.maxLength(MAX_CHARACTERS)),
    why: z.string().check(z.minLength(1), z.maxLength(200), z.describe("one line for the commit")),
  }),
  readOnly: false,
  destructive: true,
  async run({ path, text, why }, caller) {
    const { absolute, relative } = placeToWrite(caller, path);
    const secret = findSecrets(text)[0];
    if (secret !== undefined) throw holdsSecret(relative, secret.line);
    const { root } = caller.project;
    const target = requireGit(root, caller.context.env);
    const before =
      lstatOrNull(absolute) === null
        ? null
        : readRegularFile(absolute, { maxBytes: Number.MAX_SAFE_INTEGER });
    const after = Buffer.from(text);
    const kept =
      before === null || before.equals(after) ? null : await keepUncommitted(target, absolute, before);
    ensureDirectory(root, relativePath(root, dirname(absolute)));
    writeFileDurably(absolute, after);
    const { exitCode } = await tryGit(target, ["check-ignore", "--quiet", "--", absolute]);
    const isIgnored = exitCode === 0;
    const message = makeVisible(why.replaceAll(/\s+/g, " "), { newlines: false });
    if (!isIgnored) await commitFiles(target, [absolute], message, caller.context);
    const said = [
      `${before === null ? "wrote" : "replaced"} ${relative}`,
      ...(isIgnored ? ["git ignores it, so it is in no commit"] : []),
      ...(kept === null ? [] : [`what stood there was in no commit: git show ${kept}`]),
    ].join("; ");
    return { text: said, said };
  },
});

/** Puts what no commit holds into the repository, so that nothing of a person's is lost; null where HEAD has it. */
async function keepUncommitted(target: Git, path: string, bytes: Buffer): Promise<string | null> {
  const [inHead] = await readObjects(target, [`HEAD:${gitPath(target, path)}`]);
  const now = inHead === null || inHead === undefined ? bytes : await asCheckedIn(target, path, bytes);
  if (inHead?.bytes.equals(now) === true) return null;
  const id = await git(target, ["hash-object", "-w", "--stdin", "--no-filters"], { input: bytes });
  return id.trim();
}

function holdsSecret(path: string, line: number): VibeopsError {
  return new VibeopsError({
    code: "tool.secret",
    exit: Exit.refused,
    message: "the text holds a secret; nothing was written",
    file: path,
    line,
    fix: "write the name of a variable, and ask_human to put the value into its place",
  });
}

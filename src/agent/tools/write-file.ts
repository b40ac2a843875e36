import { dirname, relative as relativePath } from "node:path";
import * as z from "zod/mini";
import { Exit, VibeopsError } from "../../errors.ts";
import { lstatOrNull, readRegularFile, writeFileDurably } from "../../platform/files.ts";
import { ensureDirectory } from "../../platform/folders.ts";
import { requireGit } from "../../platform/git.ts";
import { commitFiles } from "../../platform/git-commit.ts";
import { findSecrets } from "../../text/secrets.ts";
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
    const stats = lstatOrNull(absolute);
    if (stats !== null) readRegularFile(absolute, { maxBytes: Number.MAX_SAFE_INTEGER });
    const { root } = caller.project;
    ensureDirectory(root, relativePath(root, dirname(absolute)));
    writeFileDurably(absolute, Buffer.from(text));
    const git = requireGit(root, caller.context.env);
    const commit = await commitFiles(git, [absolute], why.replaceAll(/\s+/g, " "), caller.context);
    const done = stats === null ? "wrote" : "replaced";
    return {
      text: `${done} ${relative}${commit === null ? ": nothing differs" : ""}`,
      said: `${done} ${relative}`,
    };
  },
});

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

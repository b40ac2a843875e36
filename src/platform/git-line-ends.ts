import { argumentsWithoutFilters, type Git, git, gitPath } from "./git.ts";
import { readObjects } from "./git-objects.ts";

/**
 * A file's bytes as git would commit them: its settings or attributes may have other line ends in the work tree than in
 * the history (`core.autocrlf`, `eol`). Where the history has CRLF itself, they stay, as with git.
 *
 * @param path absolute, inside the work tree
 */
export async function asCheckedIn(target: Git, path: string, bytes: Buffer): Promise<Buffer> {
  if (!bytes.includes("\r\n")) return bytes;
  const name = gitPath(target, path);
  const [inHead] = await readObjects(target, [`HEAD:${name}`]);
  if (inHead?.bytes.includes("\r\n") === true) return bytes;
  const settings = [...(await argumentsWithoutFilters(target)), "-c", "core.safecrlf=false"];
  const id = await git(target, [...settings, "hash-object", "-w", "--stdin", `--path=${name}`], {
    input: bytes,
  });
  const [kept] = await readObjects(target, [id.trim()]);
  return kept?.bytes ?? bytes;
}

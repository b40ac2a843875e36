import * as z from "zod/mini";
import { readRegularFile } from "../../platform/files.ts";
import { decodeText } from "../../text/decode.ts";
import { redactSecrets } from "../../text/secrets.ts";
import { markUntrusted } from "../untrusted.ts";
import { placeInProject } from "./project-path.ts";
import { defineTool } from "./tool.ts";

const MAX_BYTES = 1024 * 1024;
/** A conversation has room for more of such answers than one. */
const MAX_CHARACTERS = 100_000;

export const readFile = defineTool({
  name: "read_file",
  description: "Reads a text file of this project. Secrets in it are left out. Lines count from 1.",
  input: z.strictObject({
    path: z.string().check(z.describe("below the project")),
    from: z._default(z.int().check(z.minimum(1)), 1).check(z.describe("first line")),
    lines: z._default(z.int().check(z.minimum(1), z.maximum(2000)), 500),
  }),
  readOnly: true,
  async run({ path, from, lines }, caller) {
    const { absolute, relative } = placeInProject(caller, path);
    const bytes = readRegularFile(absolute, { maxBytes: MAX_BYTES, severalNames: true });
    const all = redactSecrets(decodeText(bytes, relative)).split("\n");
    const shown = all.slice(from - 1, from - 1 + lines);
    const count = countFitting(shown);
    const rest = all.length - (from - 1 + count);
    const text = shown.slice(0, count).join("\n");
    const answer = [
      markUntrusted(caller.boundary, `file ${relative} from line ${from}`, text.slice(0, MAX_CHARACTERS)),
      ...(text.length > MAX_CHARACTERS ? [`line ${from} was cut: it has ${text.length} characters`] : []),
      ...(rest > 0 ? [`${rest} more lines: read on from line ${from + count}`] : []),
    ];
    return { text: answer.join("\n"), said: `read ${relative}` };
  },
});

/** How many of the lines an answer has room for: one at least, of which then not all is shown. */
function countFitting(lines: readonly string[]): number {
  let characters = 0;
  const first = lines.findIndex((line) => {
    characters += line.length + 1;
    return characters > MAX_CHARACTERS;
  });
  return first < 0 ? lines.length : Math.max(1, first);
}

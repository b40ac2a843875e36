import * as z from "zod/mini";
import { readRegularFile } from "../../platform/files.ts";
import { decodeText } from "../../text/decode.ts";
import { redactSecrets } from "../../text/secrets.ts";
import { markUntrusted } from "../untrusted.ts";
import { placeInProject } from "./project-path.ts";
import { defineTool } from "./tool.ts";

const MAX_BYTES = 1024 * 1024;

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
    const rest = all.length - (from - 1 + shown.length);
    const text = markUntrusted(caller.boundary, `file ${relative} from line ${from}`, shown.join("\n"));
    return {
      text: rest > 0 ? `${text}\n${rest} more lines: read on from line ${from + shown.length}` : text,
      said: `read ${relative}`,
    };
  },
});

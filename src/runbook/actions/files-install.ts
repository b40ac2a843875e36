import * as z from "zod/mini";
import { Exit, VibeopsError } from "../../errors.ts";
import { sha256 } from "../../platform/hash.ts";
import { quoteCommand } from "../../platform/quote.ts";
import { findFlags } from "../../text/flags.ts";
import { type CompileSource, defineAction } from "./action.ts";
import { FORGET_FUNCTION, KEEP_FUNCTION, keepBeside, keptPath, PUT_BACK_FUNCTION } from "./kept-files.ts";
import { absolutePath, projectPath } from "./parameters.ts";
import { SHA256_FUNCTION } from "./sha256-function.ts";

const MAX_BYTES = 512 * 1024;

const schema = z.strictObject({
  files: z
    .array(
      z.strictObject({
        source: projectPath.check(
          z.describe("what is installed; it also stands under `files` in the front matter"),
        ),
        destination: absolutePath.check(z.describe("where on the host")),
        mode: z
          ._default(
            z.string().check(z.regex(/^0?[0-7]{3}$/, { error: "three octal digits such as 644" })),
            "644",
          )
          .check(z.describe("permissions")),
      }),
    )
    .check(z.minLength(1), z.maxLength(50)),
  keep: z
    .optional(absolutePath)
    .check(
      z.describe(
        "folder on the host for the version before; `.vibeops` beside the first destination unless told",
      ),
    ),
});

type Parameters = z.output<typeof schema>;
type Installed = Parameters["files"][number];

/**
 * Writes files on a host. The content stands in the command, so what is approved is what is written; its hash
 * is checked on the host before the file is moved into place, and the file that stood there is kept.
 */
export const filesInstall = defineAction<Parameters>({
  name: "files.install",
  summary: "Writes files on the host, hash checked before they are used, and keeps the version before.",
  version: 1,
  schema,
  says: {
    check: "that each file has the approved hash",
    rollback: "puts back what stood there",
    example: { files: [{ source: "deploy/shop/compose.yaml", destination: "/srv/shop/compose.yaml" }] },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params, source) {
    const contents = params.files.map((file) => readContent(file, source));
    const kept = (file: Installed) => keptPath(keepOf(params), source.runbook, file.destination);
    return {
      run: {
        script: [
          KEEP_FUNCTION,
          INSTALL_FUNCTION,
          ...params.files.flatMap((file, i) => {
            const bytes = contents[i] ?? Buffer.alloc(0);
            const keep = quoteCommand(["keep", file.destination, kept(file)]);
            return [`\n# ${file.source}\n`, `${keep}\n`, installCommand(file, bytes)];
          }),
        ].join(""),
      },
      check: {
        script: [
          SHA256_FUNCTION,
          ...params.files.map(
            (file, i) => `${quoteCommand(["is_sha256", file.destination, sha256(contents[i] ?? "")])}\n`,
          ),
        ].join(""),
      },
      rollback: {
        script: [
          PUT_BACK_FUNCTION,
          FORGET_FUNCTION,
          ...params.files.map(
            (file) =>
              `${quoteCommand(["put_back", file.destination, kept(file)])}\n${quoteCommand(["forget", kept(file)])}\n`,
          ),
        ].join(""),
      },
    };
  },
});

function keepOf({ keep, files }: Parameters): string {
  return keepBeside(keep, files[0]?.destination ?? "/");
}

function readContent(file: Installed, source: CompileSource): Buffer {
  const bytes = Buffer.from(source.readFile(file.source));
  if (bytes.length <= MAX_BYTES) return bytes;
  throw new VibeopsError({
    code: "runbook.action",
    exit: Exit.invalid,
    message: `${file.source} has ${bytes.length} bytes; files.install carries at most ${MAX_BYTES}`,
    file: file.source,
    fix: "install it as part of an image or a release",
  });
}

/** Arguments: destination, sha256, mode; the content comes on standard input. */
const INSTALL_FUNCTION = `${SHA256_FUNCTION}install_file() {
  if [ -d "$1" ]; then echo "$1 is a folder" >&2; exit 1; fi
  mkdir -p "$(dirname "$1")"
  cat >"$1.vibeops-new"
  is_sha256 "$1.vibeops-new" "$2" || { rm -f "$1.vibeops-new"; exit 1; }
  chmod "$3" "$1.vibeops-new"
  mv -f "$1.vibeops-new" "$1"
}
`;

function installCommand(file: Installed, bytes: Buffer): string {
  const words = quoteCommand(["install_file", file.destination, sha256(bytes), file.mode]);
  if (bytes.length === 0) return `${words} </dev/null\n`;
  const text = cleanText(bytes);
  if (text !== null) {
    const end = delimiterFor(text);
    if (!text.includes("\t")) return `${words} <<'${end}'\n${text}${end}\n`;
    const shown = text.replaceAll("\t", SHOWN_TAB);
    return `sed "s/${SHOWN_TAB}/$(printf '\\t')/g" <<'${end}' | ${words}\n${shown}${end}\n`;
  }
  const encoded = bytes.toString("base64").replace(/.{76}(?=.)/g, "$&\n");
  return `base64 -d <<'VIBEOPS_BASE64' | ${words}\n${encoded}\nVIBEOPS_BASE64\n`;
}

/** Stands for a tab: a tab that is pasted into a shell completes words there instead of arriving. */
const SHOWN_TAB = "␉";

/** The file as text where a here-document carries it byte for byte and a person sees all of it; null otherwise. */
function cleanText(bytes: Buffer): string | null {
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes) || !text.endsWith("\n") || /[\r\0␉]/.test(text)) return null;
  return findFlags(text.replaceAll("\t", " "), "command").length === 0 ? text : null;
}

function delimiterFor(text: string): string {
  const lines = new Set(text.split("\n"));
  for (let count = 0; ; count += 1) {
    const delimiter = count === 0 ? "VIBEOPS_END" : `VIBEOPS_END_${count}`;
    if (!lines.has(delimiter)) return delimiter;
  }
}

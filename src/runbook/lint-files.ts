import { VibeopsError } from "../errors.ts";
import { tryDecodeText } from "../text/decode.ts";
import type { Finding } from "../text/finding.ts";
import { findFlags } from "../text/flags.ts";
import { findSecrets } from "../text/secrets.ts";
import type { FileSource } from "./compile-runbook.ts";
import type { Runbook } from "./runbook.ts";
import { headerPlace } from "./runbook-header.ts";

/** What is installed or called is there, can be read by the approver, and holds no secret. */
export function lintFiles(runbook: Pick<Runbook, "files" | "text" | "file">, source: FileSource): Finding[] {
  return runbook.files.flatMap((path): Finding[] => {
    try {
      return lintBytes(path, source.readFile(path));
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      const message = `file ${path}: ${error.message}`;
      const fix = error.fix ?? "correct `files`";
      return [{ rule: "runbook.file", level: "error", message, fix, ...headerPlace(runbook, "files") }];
    }
  });
}

function lintBytes(path: string, bytes: Uint8Array): Finding[] {
  const text = tryDecodeText(bytes);
  if (text !== null) return [...lintText(path, text), ...lintSecrets(path, text)];
  const message = "this is no text: nobody can read what is in it before they approve it";
  const fix = "install it as part of an image or a release; or compare its sha256 with where it comes from";
  const binary: Finding = { rule: "runbook.file-binary", level: "warning", message, file: path, fix };
  // One character a byte: a secret in ASCII is found between bytes that are no text.
  return [binary, ...lintSecrets(path, Buffer.from(bytes).toString("latin1"))];
}

/** A hidden character is as wrong in what is installed as in a command. */
function lintText(path: string, text: string): Finding[] {
  return findFlags(text.replaceAll("\r\n", "\n"), "prose").map((flag) => ({
    rule: `runbook.file-${flag.kind}`,
    level: "error",
    message: `column ${flag.column}: ${flag.what}`,
    file: path,
    line: flag.line,
    fix: "write it so that everybody sees what it is",
  }));
}

function lintSecrets(path: string, text: string): Finding[] {
  return findSecrets(text).map((secret) => ({
    rule: "runbook.file-secret",
    level: "error",
    message: `this looks like a secret (${secret.kind}): ${secret.excerpt}`,
    file: path,
    line: secret.line,
    fix: "keep it on the host, in a file of its own that this one names",
  }));
}

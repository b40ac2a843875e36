import { type Fact, fact } from "../fact.ts";
import type { Facts } from "../facts.ts";

const MAX_REMARKS = 200;

/**
 * Terraform's language has no parser for Node.js that is kept, so only what is safe is read: the head of each block at
 * the top of the file. Values, loops and modules are left to Terraform.
 */
export function scanTerraform(text: string, file: string): Partial<Facts> {
  const remark: Fact<string>[] = [];
  let heredoc: string | null = null;
  let isComment = false;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (heredoc !== null) {
      if (line.trim() === heredoc) heredoc = null;
      continue;
    }
    if (isComment) {
      isComment = !line.includes("*/");
      continue;
    }
    isComment = /^\s*\/\*/.test(line) && !line.includes("*/");
    heredoc = /<<-?\s*([A-Za-z_]\w*)\s*$/.exec(line)?.[1] ?? null;
    const head = readHead(line);
    if (head !== null && remark.length < MAX_REMARKS) remark.push(fact(head, { file, line: i + 1 }, "block"));
  }
  return { remark };
}

/** `resource "aws_db_instance" "main" {` at the beginning of a line; a backend stands inside of `terraform`. */
function readHead(line: string): string | null {
  const [, kind, type, name] =
    /^(provider|resource|module|\s+backend)\s+"([\w.-]{1,100})"(?:\s+"([\w.-]{1,100})")?\s*\{/.exec(line) ??
    [];
  if (kind === undefined) return null;
  return `Terraform ${kind.trim()} ${type}${name === undefined ? "" : ` ${name}`}`;
}

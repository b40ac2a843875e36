import type { Call, Judge, Rules } from "../call.ts";
import { parseOptions } from "../options.ts";
import { each, uncertain } from "../rules.ts";
import { opaque, type Verdict, worst } from "../verdict.ts";
import { judgeStatement } from "./statements.ts";

/** `.shell`, `-cmd` and `-init` run programs. duckdb takes its statements behind `-c` as well. */
const embedded: Judge = (call) => {
  const isDuck = call.name === "duckdb";
  const {
    operands,
    uncertain: isUncertain,
    flags,
  } = parseOptions(call.args, {
    values: `-cmd -init -separator -nullvalue -newline -mmap${isDuck ? " -c -s -f" : ""}`,
    singleDash: true,
  });
  const [database = "", ...rest] = operands;
  const given = flags.filter(({ name }) => /^-[cs]$/.test(name)).map(({ value = "" }) => value);
  const statements = [...rest, ...given];
  const fromFile = flags.find(({ name }) => /^--?(init|cmd|f)$/.test(name));
  const texts = call.stdin.kind === "text" ? [...statements, call.stdin.text] : statements;
  return worst(
    isUncertain ? uncertain(call) : null,
    fromFile ? opaque(`"${call.name} ${fromFile.name}" runs commands of the client.`, fromFile.name) : null,
    call.stdin.kind === "unknown" && statements.length === 0
      ? opaque(`"${call.name}" runs what it is sent.`, call.name)
      : null,
    call.world.judgeWrite(database === ":memory:" ? "" : database),
    ...texts.map((text) => worst(judgeStatement(call, text), judgeFiles(call, text))),
    ...(isDuck ? texts.map((text) => judgeExtensions(call, text)) : []),
  );
};

const maxLength = 8_000;

/** A database that is attached is a file that is written. */
function judgeFiles(call: Call, text: string): Verdict | null {
  if (text.length > maxLength) return opaque("The statement is too long to be judged.", call.name);
  const opens =
    /\b(?:attach(?:\s+(?:or\s+replace|database|if\s+not\s+exists))*|vacuum(?:\s+\w+)?\s+into)\s+(\S+)/gi;
  const saves = /^\s*\.(?:backup|save|clone)\s+(?:\w+\s+)?(\S+)\s*$/gim;
  const copies = /\bcopy\b[^;]*\bto\s+(\S+)/gi;
  return worst(
    ...[...text.matchAll(saves)].map(([, path = ""]) => call.world.judgeWrite(path.replaceAll(/['"]/g, ""))),
    ...[...text.matchAll(opens), ...text.matchAll(copies)].map(([, target = ""]) => {
      const path = /^(['"])([^'"]*)\1[;)]?$/.exec(target)?.[2];
      if (path === undefined || /:\/\/|=/.test(path))
        return opaque("Which file the statement writes is not plain.", call.name);
      return path === ":memory:" ? null : call.world.judgeWrite(path);
    }),
  );
}

/** They fetch, and read what other machines hold. */
function judgeExtensions(call: Call, text: string): Verdict | null {
  return /\b(install|load)\s+\w|\w:\/\/|\bhf:|\bsecret\b/i.test(text)
    ? opaque("The statement loads an extension, or reads from another machine.", call.name)
    : null;
}

export const embeddedDatabases: Rules = each("sqlite3 sqlite duckdb", embedded);

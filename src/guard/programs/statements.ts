import type { Call } from "../call.ts";
import { namesKnownHost } from "../hosts.ts";
import { UNKNOWN } from "../markers.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";

/** What the client does itself: run a program, open a file, connect elsewhere. */
const client =
  /\\!|\bprogram\b|\\[gowi]\b|\\c(onnect)?\s|\.(shell|system|load|read|once|output|import|excel)|\\\.|edit\s*\(|\bsystem\b|\bsource\b|`|\|/i;
/** What the server does for it: its files, code of the machine, and whatever leads it to another server. */
const server =
  /xp_cmdshell|load_extension|writefile|dblink|lo_(ex|im)port|into\s+(out|dump)file|copy\b[^;]*\bto\s+'|load_file|sys_exec|load\s+data|pg_(read|ls|stat|write)_\w+|install\s+(plugin|component|soname)|\bsoname\b|language\s+'?(c|plpython\w*|plperlu|plsh|pltclu)\b|create\s+extension\s+(if\s+not\s+exists\s+)?"?(pl(python|perl|sh|tcl|v8)|\w+_fdw|http|pg_net|pg_cron|adminpack)|(create|alter)\s+(subscription|server|user\s+mapping)|alter\s+system|import\s+foreign|change\s+(master|replication)|clone\s+instance|(remote(secure)?|executable|odbc|jdbc)\s*\(/i;

/** A statement of SQL, or of the client that sends it. */
export function judgeStatement(call: Call, text: string): Verdict | null {
  if (text.includes(UNKNOWN) && /\\|!/.test(text))
    return opaque("Part of the statement is not known.", call.name);
  const shell = /(?:^|\s)(?:\\!|\.shell|\.system|system|\\system)\s+([^\n]+)/i.exec(text);
  const inner = shell ? call.world.judgeScript(shell[1] ?? "", { kind: "none" }) : null;
  return worst(inner, judgeReach(call, text));
}

function addresses(text: string): readonly string[] {
  return text.split(/[\s'"]/).filter((word) => word.includes("://"));
}

function judgeReach(call: Call, text: string): Verdict | null {
  if (server.test(text) && namesKnownHost(text, call.world.facts))
    return live("The statement leads the server to a host of the inventory.", call.name);
  if (addresses(text).some((address) => namesKnownHost(address, call.world.facts)))
    return live("The statement holds the address of a host of the inventory.", call.name);
  return client.test(text) || server.test(text)
    ? opaque("The statement runs a program, opens a file or connects elsewhere.", call.name)
    : null;
}

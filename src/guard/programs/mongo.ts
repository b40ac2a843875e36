import type { Call, Judge, Rules } from "../call.ts";
import { namesKnownHost } from "../hosts.ts";
import { parseOptions } from "../options.ts";
import { each } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";
import { client } from "./databases.ts";

const values = "--port -u -p --username --password --authenticationDatabase";
const connects = client({
  values: `${values} --eval`,
  hosts: "--host",
  files: "-f --file",
  operands: "address",
});

/** Its language is JavaScript, with all of node behind it. */
const shell: Judge = (call) => {
  const { flags, operands } = parseOptions(call.args, { values: `${values} --eval --host -f --file` });
  const file = operands.find((word) => /\.(m?js|mongodb)$/.test(word));
  const texts = flags.filter(({ name }) => name === "--eval").map(({ value = "" }) => value);
  if (call.stdin.kind === "text") texts.push(call.stdin.text);
  return worst(
    connects({ ...call, stdin: call.stdin.kind === "unknown" ? call.stdin : { kind: "none" } }),
    file === undefined
      ? null
      : opaque(`"${call.name} ${file}" runs a file that the guard does not read.`, file),
    ...texts.map((text) => judgeCode(call, text)),
  );
};

/** Names by which code gets at node, at files, or at another server. */
const reaching =
  /\b(require|import|process|Mongo|connect|load|rs|sh|sp|fs|os|eval|Function|constructor|prototype|__proto__|fetch|globalThis|window|this|module|snippet|copyDatabase|cloneCollection|cloneDatabase|run|runProgram|edit|exec|cat|cd|ls|removeFile|writeFile|copyFile|hostname|passwordPrompt)\b|[`\\]|\]\s*\(/;
const server = /\b(admin|run)Command\b/;

/** `db.users.find()`, `show dbs`, `printjson(db.stats())`: nothing but the database that it is connected to. */
function judgeCode(call: Call, code: string): Verdict | null {
  const bare = code.replaceAll(/"[^"\\\n]*"|'[^'\\\n]*'/g, " 0 ");
  const isNamed = namesKnownHost(code, call.world.facts);
  const isPlain = !reaching.test(bare) && !/constructor|prototype/.test(code);
  if (isPlain && !(isNamed && server.test(bare))) return null;
  return isNamed
    ? live(`The code that "${call.name}" runs names a host of the inventory.`, call.name)
    : opaque(`What the code that "${call.name}" is given does cannot be proven.`, call.name);
}

export const mongo: Rules = each("mongosh mongo", shell);

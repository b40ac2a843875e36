import type { Call, Judge, Rules } from "../call.ts";
import { namesKnownHost } from "../hosts.ts";
import { showMarkers } from "../markers.ts";
import { each } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";
import { type Client, client, judgeServer } from "./databases.ts";

const syntax = {
  values: "-p -a -n -s -r -i --user --pass",
  hosts: "-h -u",
  files: "--eval --pipe",
  programs: "--rdb --functions-rdb",
} satisfies Client;

/** Options that the word behind them belongs to. */
const valued: ReadonlySet<string> = new Set(
  [syntax.values, syntax.hosts, syntax.programs, "--eval"].flatMap((options) => options.split(" ")),
);

/** The server itself goes to another machine, writes where it is told, or loads code. */
const connects = /^(slaveof|replicaof|migrate|cluster|sentinel|failover)$/i;
/** A script of the server's runs commands too. Each has to stand there by its name. */
const isScript = /^(eval(_ro)?|script|function)$/i;
const scriptReaches =
  /\b(slaveof|replicaof|migrate|cluster|sentinel|failover|module|config)\b|\bload(string)?\s*\(|redis\s*\[|redis\.p?call(?!\s*\(\s*(['"])\w+\3\s*[,)])/i;
const changesServer = /^(module|config (set|rewrite))\b/i;

const redis: Judge = (call) => {
  const [own, words] = splitWords(call.args);
  return worst(
    client(syntax)({ ...call, args: own, stdin: { kind: "none" } }),
    // `--cluster create host:port …`: the rest are nodes.
    ...(own.some((arg) => arg === "--cluster")
      ? words.filter(isNode).map((at) => judgeServer(call, at))
      : []),
    words.length > 0 ? judgeWords(call, words) : judgeInput(call),
  );
};

function isNode(word: string): boolean {
  return /[:.]/.test(word);
}

/** Without a command of its own it takes one from each line. */
function judgeInput(call: Call): Verdict | null {
  if (call.stdin.kind === "none") return null;
  if (call.stdin.kind !== "text")
    return opaque(`"${call.name}" sends commands that are not known before it runs.`, call.name);
  return worst(...call.stdin.text.split("\n").map((line) => judgeWords(call, line.trim().split(/\s+/))));
}

function judgeWords(call: Call, words: readonly string[]): Verdict | null {
  const [first = "", second = ""] = words;
  const text = `${first} ${second}`;
  const reaches = isScript.test(first) && scriptReaches.test(words.slice(1).join(" "));
  if (!reaches && !connects.test(first) && !changesServer.test(text)) return null;
  const host = words.find((word) => namesKnownHost(word, call.world.facts));
  return host === undefined
    ? opaque(`"${call.name} ${showMarkers(text)}" changes what the server loads, writes or follows.`, first)
    : live(`"${call.name} ${first}" leads the server to "${showMarkers(host)}".`, host);
}

/** Whatever follows the first plain word is a command for the server. */
function splitWords(args: readonly string[]): [readonly string[], readonly string[]] {
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (valued.has(arg)) at += 1;
    else if (!arg.startsWith("-")) return [args.slice(0, at), args.slice(at)];
  }
  return [args, []];
}

export const keyValueStores: Rules = each("redis-cli valkey-cli keydb-cli", redis);

import type { Call, Judge, Rules } from "../call.ts";
import { namesKnownHost } from "../hosts.ts";
import { showMarkers } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { each, onlyAsksAbout } from "../rules.ts";
import { live, type Verdict, worst } from "../verdict.ts";
import { type Client, client, judgeServer } from "./databases.ts";

/** Clients that talk to whom an option says; without it, to whom a file of settings says. */
function toldWhere(syntax: Client): Judge {
  const judge = client(syntax);
  const hosts = new Set(syntax.hosts.split(" "));
  const options = { values: [syntax.values, syntax.hosts, syntax.files].filter(Boolean).join(" ") };
  return (call) => {
    if (onlyAsksAbout(call.args)) return null;
    const { flags } = parseOptions(call.args, options);
    const servers = flags.filter(({ name }) => hosts.has(name));
    return worst(
      // What it reads is data.
      judge({ ...call, stdin: { kind: "none" } }),
      servers.length === 0 ? live(`"${call.name}" talks to other machines.`, call.name) : null,
      // One option may name several.
      ...servers.flatMap(({ value = "" }) => value.split(",").map((part) => judgeServer(call, part))),
      judgeNamed(call),
    );
  };
}

function judgeNamed(call: Call): Verdict | null {
  const named = call.args.find((arg) => namesKnownHost(arg, call.world.facts));
  return named === undefined
    ? null
    : live(`"${call.name}" is given "${showMarkers(named)}", which names a host of the inventory.`, named);
}

const scanOptions = "-p --top-ports --max-retries --min-rate --max-rate --host-timeout";
/** Scripts, lists of targets, files, and whatever hides or relays where it comes from. */
const scanStops = /^-(-(?!open$|reason$|top-ports|m(ax|in)-|host-timeout)|i|o|b|D|S|A|e|g)/;

/** Addresses may be ranges and networks. */
const scanner: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const { operands } = parseOptions(call.args, { values: scanOptions });
  const stop = call.args.find((arg) => scanStops.test(arg)) ?? operands.find((word) => /[/,*]/.test(word));
  return worst(
    judgeNamed(call),
    operands.length === 0 || stop !== undefined
      ? live(`"${call.name}" probes other machines.`, stop ?? call.name)
      : null,
    ...operands.map((word) => judgeServer(call, word)),
  );
};

export const brokers: Rules = {
  ...each(
    "kcat kafkacat",
    toldWhere({ values: "-t -p -o -c -f -K -D -s -r -Q -G", hosts: "-b", files: "-F -X" }),
  ),
  ...each(
    "mosquitto_pub mosquitto_sub mosquitto_rr",
    toldWhere({
      values: "-t -m -p -q -i -u -P -C -W -F -k",
      hosts: "-h --host -L --url -A --proxy",
      files: "-o --tls-engine",
    }),
  ),
  nats: toldWhere({
    values: "",
    hosts: "-s --server",
    files: "--context --creds --nkey --config-dir --command --translate",
  }),
  nmap: scanner,
};

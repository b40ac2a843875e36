import type { Call, Judge, Rules } from "../call.ts";
import { hostOfUrl, judgeHost, namesKnownHost } from "../hosts.ts";
import { hasMarker, mayBeOption, ONE, showMarkers, UNKNOWN } from "../markers.ts";
import { type OptionSyntax, parseOptions } from "../options.ts";
import { secretKind } from "../paths.ts";
import { always, each, onlyAsksAbout, uncertain } from "../rules.ts";
import { exfil, live, opaque, type Verdict, worst } from "../verdict.ts";

/** A word that names where something goes. */
function judgeDestination(call: Call, text: string): Verdict | null {
  const host = hostOfUrl(text);
  const kind = host === null ? "other" : judgeHost(host, call.world.facts);
  if (kind === "loopback" || kind === "local") return null;
  if (kind === "known" || namesKnownHost(host ?? text, call.world.facts)) {
    return live(`"${call.name}" talks to "${showMarkers(text)}", a host of the inventory.`, text);
  }
  const verdict = opaque(
    `"${call.name}" talks to "${showMarkers(text)}", which is not known to be this machine.`,
    text,
  );
  return { ...verdict, sends: true };
}

const curlSyntax: OptionSyntax = {
  values:
    "-o -H -X -d -F -T -u -A -b -c -e -m -w -x -K -r -y -Y -z -C -E -D -Q -t -P -U --output --header --request --data --data-raw --data-binary --data-urlencode --data-ascii --json --form --form-string --upload-file --user --user-agent --cookie --cookie-jar --referer --max-time --write-out --proxy --config --range --resolve --connect-to --connect-timeout --retry --retry-delay --retry-max-time --cacert --capath --cert --key --url --unix-socket --interface --dns-servers --doh-url --preproxy --socks5 --socks5-hostname --socks4 --socks4a --netrc-file --dump-header --trace --trace-ascii --stderr --libcurl --max-redirs --limit-rate --proto --proto-default --abstract-unix-socket --quote --output-dir --variable --expand-url --ciphers --tls-max --oauth2-bearer --aws-sigv4 --hsts --alt-svc --etag-save --etag-compare --max-filesize --speed-limit --speed-time --engine --request-target --url-query --haproxy-clientip --mail-from --mail-rcpt --proxy-user --noproxy --pinnedpubkey --create-file-mode --rate --keepalive-time --happy-eyeballs-timeout-ms --dns-interface --dns-ipv4-addr --ftp-port --krb --telnet-option --tftp-blksize --service-name --login-options --pass --random-file --egd-file --crlfile --curves --delegation --expect100-timeout --local-port --continue-at --time-cond --tlsuser --tlspassword --tlsauthtype --stream-no",
};
const curlRedirects =
  /^(-x|-K|--proxy|--config|--resolve|--connect-to|--preproxy|--socks\w+(-hostname)?|--dns-\S+|--doh-url|--interface|--engine|--quote|-Q|--variable|--expand-\S+|--abstract-unix-socket|--telnet-option|--aws-sigv4|--proto-default|--haproxy-clientip)$/;
const curlWrites =
  /^(-o|-D|-c|--output|--dump-header|--cookie-jar|--trace|--trace-ascii|--stderr|--libcurl|--output-dir|--etag-save|--hsts|--alt-svc)$/;
const curlSends =
  /^(-d|-F|-T|-b|-u|-H|--data\S*|--json|--form\S*|--upload-file|--cookie|--header|--url-query)$/;

const curl: Judge = (call) => {
  if (onlyAsksAbout(call.args) || (call.args[0] === "--help" && call.args.length === 2)) return null;
  const { flags, operands } = parseOptions(call.args, curlSyntax);
  // What is sent stays a value, whatever it is.
  const sent = new Set(flags.filter(({ name }) => curlSends.test(name)).map(({ value }) => value));
  const isUncertain = call.args.some((arg) => mayBeOption(arg) && !(arg.endsWith(ONE) && sent.has(arg)));
  let verdict: Verdict | null = isUncertain ? uncertain(call) : null;
  const addresses = [...operands];
  const pinned: string[] = [];
  for (const { name, value = "" } of flags) {
    const place = name === "--resolve" ? pinnedHere(value) : undefined;
    if (place !== undefined) pinned.push(place);
    else if (name === "--url") addresses.push(value);
    else verdict = worst(verdict, judgeCurlOption(call, name, value));
  }
  const away = addresses.filter((address) => !pinned.includes(placeOf(address) ?? ""));
  const destinations = worst(...away.map((address) => judgeAddress(call, address)));
  const payload = flags.filter(({ name }) => curlSends.test(name)).map(({ value }) => value ?? "");
  return worst(verdict, destinations, judgePayload(call, payload, destinations));
};

/** `name:port:127.0.0.1`: that port of the name is this machine. */
function pinnedHere(value: string): string | undefined {
  return /^([\w.-]+:\d+):(127\.0\.0\.1|\[?::1\]?)$/.exec(value.toLowerCase())?.[1];
}

/** `name:port` of an address of the web. */
function placeOf(address: string): string | undefined {
  const [, scheme = "http", name, port] =
    /^(?:(https?):\/\/)?([\w.-]+)(?::(\d+))?(?:[/?#]|$)/.exec(address.toLowerCase()) ?? [];
  return name === undefined ? undefined : `${name}:${port ?? (scheme === "https" ? "443" : "80")}`;
}

function judgeAddress(call: Call, address: string): Verdict | null {
  if (address.startsWith("file:///"))
    return secretKind(address.slice(7)) === "private" ? opaque("It reads credentials.", address) : null;
  return judgeDestination(call, address);
}

function judgeCurlOption(call: Call, name: string, value: string): Verdict | null {
  if (curlWrites.test(name)) return call.world.judgeWrite(value);
  if (name === "--unix-socket") return judgeSocket(call, name, value);
  if (!curlRedirects.test(name)) return null;
  const verdict = opaque(`"curl ${name}" decides where it connects, whatever the address says.`, name);
  return namesKnownHost(value, call.world.facts)
    ? live(`"curl ${name} ${value}" leads to a host of the inventory.`, name)
    : verdict;
}

/** Who speaks to a daemon by its socket can have it do what its own program would be asked about. */
function judgeSocket(call: Call, word: string, path: string): Verdict | null {
  return hasMarker(path) || !/^(\/tmp\/|[^/~])/.test(path)
    ? opaque(`"${call.name} ${showMarkers(word)}" talks to a service of this machine by its socket.`, word)
    : null;
}

/** What is sent: a file that holds secrets, or the output of a command, makes it exfiltration. */
function judgePayload(call: Call, payload: readonly string[], destination: Verdict | null): Verdict | null {
  if (destination === null) return null;
  const secret = payload.find((value) => secretKind(value) !== null);
  if (secret !== undefined)
    return exfil(`"${call.name}" sends "${showMarkers(secret)}", which holds secrets.`, secret);
  const isOurs = destination.answer === "live";
  const computed = payload.find((value) => value.includes(UNKNOWN) || value.startsWith("@"));
  if (computed !== undefined && !isOurs)
    return exfil(
      `"${call.name}" sends "${showMarkers(computed)}" to a machine that is none of ours.`,
      computed,
    );
  return null;
}

const wgetSyntax: OptionSyntax = {
  values:
    "-O -o -P -i -e -U -t -T -w -Q -a -B -A -R -D -I -X -l --output-document --directory-prefix --input-file --execute --post-data --post-file --body-data --body-file --header --user --password --timeout --tries --method --user-agent --load-cookies --save-cookies --referer --config --use-askpass --bind-address --dns-servers --ca-certificate --quota --level --accept --reject",
};

const wget: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const { flags, operands, uncertain: isUncertain } = parseOptions(call.args, wgetSyntax);
  let verdict: Verdict | null = isUncertain ? uncertain(call) : null;
  for (const { name, value = "" } of flags) {
    if (/^(-e|-i|--execute|--input-file|--config|--use-askpass|--bind-address|--dns-servers)$/.test(name)) {
      verdict = worst(
        verdict,
        opaque(`"wget ${name}" decides where it connects, whatever the address says.`, name),
      );
    }
    if (/^(-O|-o|-a|-P|--output-document|--directory-prefix|--save-cookies)$/.test(name))
      verdict = worst(verdict, call.world.judgeWrite(value));
  }
  const destinations = worst(...operands.map((address) => judgeDestination(call, address)));
  const payload = flags
    .filter(({ name }) => /^--(post|body)-(data|file)$/.test(name))
    .map(({ name, value = "" }) => (name.endsWith("file") ? `@${value}` : value));
  return worst(verdict, destinations, judgePayload(call, payload, destinations));
};

/** Clients whose operands are addresses and nothing else. */
function addressed(values: string, stops: RegExp): Judge {
  return (call) => {
    if (onlyAsksAbout(call.args)) return null;
    const { flags, operands, uncertain: isUncertain } = parseOptions(call.args, { values });
    const stop = flags.find(({ name }) => stops.test(name));
    const host = operands.find((word) => !/^\d+(-\d+)?$/.test(word));
    const isSocket = flags.some(({ name }) => name === "-U") && /^(nc|ncat|netcat)\b/.test(call.name);
    const named = call.args.find((arg) => namesKnownHost(arg, call.world.facts));
    return worst(
      isUncertain ? uncertain(call) : null,
      stop ? opaque(`"${call.name} ${stop.name}" listens, or runs a program.`, stop.name) : null,
      stop?.value !== undefined && /^-[ec]$/.test(stop.name)
        ? call.world.judgeScript(stop.value, { kind: "unknown" })
        : null,
      named === undefined
        ? null
        : live(`"${call.name}" talks to "${showMarkers(named)}", a host of the inventory.`, named),
      judgeListed(call, host, isSocket),
    );
  };
}

function judgeListed(call: Call, host: string | undefined, isSocket: boolean): Verdict | null {
  if (host === undefined) return opaque(`"${call.name}" is given no host that the guard can see.`, call.name);
  return isSocket ? judgeSocket(call, "-U", host) : judgeDestination(call, host);
}

/** HTTPie's method and fields are operands too. */
const httpie: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const { operands, flags } = parseOptions(call.args, {
    values: "-a -o -A --auth --output --proxy --session --timeout --verify --cert",
  });
  const [address = "", ...fields] = /^[A-Z]+$/.test(operands[0] ?? "") ? operands.slice(1) : operands;
  const full = /^:\d*(\/|$)/.test(address) ? `localhost${address}` : address;
  const destination = judgeDestination(call, full);
  const proxied = flags.some(({ name }) => name === "--proxy")
    ? opaque(`"${call.name} --proxy" decides where it connects.`, "--proxy")
    : null;
  return worst(
    proxied,
    destination,
    judgePayload(
      call,
      fields.map((field) => field.replace(/^[^@=:]*/, "")),
      destination,
    ),
  );
};

const socatStream = /^(-$|(stdio|stdin|stdout|stderr|fd|pty)(:|,|$))/i;
const socatFile = /^(?:open|file|create|gopen|pipe):([^,]*)/i;

const socat: Judge = (call) => {
  const { operands } = parseOptions(call.args, { values: "-b -t -T -lf -L -W" });
  return worst(...operands.map((word) => judgeSocatAddress(call, word)));
};

function judgeSocatAddress(call: Call, word: string): Verdict | null {
  const runs = /^(exec|system|shell):(.*)$/is.exec(word);
  if (runs)
    return worst(
      opaque(`"socat" runs "${showMarkers(runs[2] ?? "")}" for what connects to it.`, word),
      call.world.judgeScript((runs[2] ?? "").replace(/,.*$/, ""), { kind: "unknown" }),
    );
  const connects = /^(?:tcp[46]?|udp[46]?|openssl|ssl|sctp)(?:-connect)?:([^,]+)/i.exec(word);
  if (connects) return judgeDestination(call, connects[1] ?? "");
  const socket = /^unix(?:-\w+)?:([^,]*)/i.exec(word);
  if (socket) return judgeSocket(call, word, socket[1] ?? "");
  const file = socatFile.exec(word);
  if (file) return call.world.judgeWrite(file[1] ?? "");
  return socatStream.test(word) && !hasMarker(word)
    ? null
    : opaque(`"socat" is given the address "${showMarkers(word)}".`, word);
}

/** Asking the network for a name carries the name out. */
const lookup: Judge = (call) => {
  if (onlyAsksAbout(call.args) || call.args.length === 0) return null;
  const computed = call.args.find(
    (arg) => /[\uE000\uE002]/.test(arg) && (arg.includes(".") || /^[\uE000\uE002]/.test(arg)),
  );
  if (computed !== undefined) {
    return exfil(
      `"${call.name}" carries what it computes out in the name "${showMarkers(computed)}".`,
      computed,
    );
  }
  const names = call.args.filter((arg) => !arg.startsWith("-") && !query.test(arg));
  return worst(...names.map((name) => judgeDestination(call, name.replace(/^@/, ""))));
};

/** What stands beside a name: counts, kinds of records, switches of dig. */
const query = /^(\+\w+(=\w+)?|A|AAAA|MX|TXT|NS|CNAME|ANY|SOA|PTR|IN|\d+(\.\d+)?)$/;

const getent: Judge = (call) =>
  /^(hosts|ahosts\w*|netgroup)$/.test(call.args[0] ?? "")
    ? lookup({ ...call, args: call.args.slice(1) })
    : null;

/** Of a person on this machine, unless an address is given. */
const finger: Judge = (call) =>
  worst(
    ...call.args
      .filter((arg) => arg.includes("@") || hasMarker(arg))
      .map((arg) => judgeDestination(call, arg.slice(arg.lastIndexOf("@") + 1))),
  );

const mail: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const verdict = exfil(`"${call.name}" sends what it reads to whom it is told.`, call.name);
  const named = call.args.find((arg) => namesKnownHost(arg, call.world.facts));
  return named === undefined
    ? verdict
    : live(`"${call.name}" talks to "${named}", a host of the inventory.`, named);
};

export const network: Rules = {
  ...each("curl curlie", curl),
  ...each("wget wget2", wget),
  ...each("http https xh xhs", httpie),
  ...each(
    "nc ncat netcat nc.openbsd nc.traditional",
    addressed(
      "-w -p -s -q -i -x -X -T -P -e -c -I -O -V -m --exec --sh-exec --proxy --wait --source-port",
      /^(-l|-e|-c|-x|-k|-L|--exec|--sh-exec|--lua-exec|--proxy|--listen)$/,
    ),
  ),
  telnet: addressed("-l -e -n -b", /^-n$/),
  ...each(
    "grpcurl websocat wscat hey ab wrk siege vegeta k6 oha bombardier",
    addressed(
      "-n -c -d -H -t -m -T -A -p -z -q -proto -import-path -rate -duration",
      /^(--exec|--proxy|-x)$/,
    ),
  ),
  socat,
  ...each(
    "dig nslookup host drill kdig delv ping ping6 fping traceroute tracepath mtr whois arping hping3 nping resolveip dog doggo tcptraceroute",
    lookup,
  ),
  getent,
  finger,
  ...each("mail mailx mutt sendmail msmtp ssmtp swaks s-nail neomutt mpack", mail),
  ...each(
    "masscan zmap rustscan nikto sqlmap hydra tshark tcpdump ettercap bettercap iperf iperf3",
    always("live", "probes or listens to other machines"),
  ),
  ...each(
    "ftp tftp lftp ncftp ncftpput ncftpget aria2c axel lynx-dump smbclient amqp-publish rabbitmqadmin kafka-console-producer kafka-topics snmpget snmpwalk ipmitool wakeonlan rpcclient showmount chisel ngrok cloudflared localtunnel lt bore frpc tailscale zerotier-cli wg wg-quick openvpn nmcli wpa_cli bluetoothctl gsocket gs-netcat tor croc magic-wormhole wormhole ffsend transfer",
    always("live", "talks to other machines"),
  ),
};

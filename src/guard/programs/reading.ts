import type { Judge, Rules } from "../call.ts";
import { namesKnownHost } from "../hosts.ts";
import { showMarkers } from "../markers.ts";
import { each, type GuardedSyntax, guarded, harmless } from "../rules.ts";
import { live, opaque, worst } from "../verdict.ts";

/** These print what they read, and have no option that runs, sends or writes. */
const printers = `
  cat tac head tail wc nl od col otool gcov hexdump strings ls dir vdir stat file readlink realpath basename dirname pwd
  echo true false yes seq sleep factor expr numfmt cut paste join comm fold fmt expand unexpand column rev tr
  cmp colordiff icdiff tsort cksum sum md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum shasum md5
  base32 base64 basenc tput tty nproc arch uname uptime free df du id whoami groups users who w last logname printenv locale
  cal ncal getconf lsblk lscpu lsusb lspci lsmod lsof ps pstree vmstat iostat mpstat
  which whereis whatis apropos exa eza lsd tokei cloc scc jq dpkg-query dyff jless
  egrep fgrep grep zgrep zcat bzcat xzcat zstdcat bc units look spell
  readelf ldd c++filt addr2line pdfinfo getfacl getfattr namei mountpoint findmnt
  locate mlocate plocate stty clear reset named-checkconf named-checkzone lsattr zipinfo ipcs nvidia-smi sw_vers iotop dstat zdiff zcmp bzgrep xzgrep rgrep look pr users atq
  diffstat difft csvcut csvlook hexyl lsns sum pwgen uuidgen uuid fortune figlet banner sensors acpi lsb_release hostid runlevel`;

/** They open an address as they open a file, some of them without a scheme. */
const opens =
  (syntax: GuardedSyntax): Judge =>
  (call) => {
    const address = call.args.find(
      (arg) => /^[a-z][\w+.-]*:\/\//i.test(arg) || namesKnownHost(arg.split("/")[0] ?? "", call.world.facts),
    );
    return worst(
      guarded(syntax)(call),
      address === undefined ? null : live(`"${call.name}" opens "${showMarkers(address)}".`, address),
    );
  };

const runsInMiller = /\b(system|exec)\b|^--prepipe|^--?(load|mload|from-file)$|^(tee|split)$/;
const outputInMiller = /\b(print\w*|tee|emit\w*|dump|eprint\w*)\b/;

/** Its language may run commands and write files. */
const miller: Judge = ({ args }) => {
  const isFile = args.some((arg) => /^(put|filter)$/.test(arg)) && args.includes("-f");
  if (isFile) return opaque('"mlr -f" runs a program that the guard does not read.', "-f");
  const word = args.find((arg) => {
    const at = arg.search(outputInMiller);
    return runsInMiller.test(arg) || (at >= 0 && /[|>]/.test(arg.slice(at)));
  });
  return word === undefined ? null : opaque(`"mlr" is given "${showMarkers(word)}".`, word);
};

/** Behind the file stands code. */
const jsonViewer: Judge = ({ name, args }) =>
  args.filter((arg) => !arg.startsWith("-")).length > 1 || args.some((arg) => /[.(=]>?\s*\w+\(/.test(arg))
    ? opaque(`"${name}" runs the code that it is given.`, name)
    : null;

/** Shown only when asked, never changed: `hostname web9` would set it. */
const onlyShows: Judge = ({ name, args }) =>
  args.every((arg) => arg.startsWith("-") && !/^-(F|b|-file|-boot)/.test(arg))
    ? null
    : opaque(`"${name}" with a name changes this machine.`, name);

const pager = guarded({
  values: "-P -p -x -j -y -z -b -h",
  stops: "-o -O -k -T -t --pager --config-file --log-file --LOG-FILE --lesskey-file --lesskey-src --tag",
});

/** `+command` runs when the file is open. */
const opensPager: Judge = (call) =>
  call.args.some((arg) => /^\+(?!\d*$|G$|F$|\/[^\n\uE000-\uE002]*$)/.test(arg))
    ? opaque(`"${call.name}" runs what follows the plus sign.`, call.name)
    : pager(call);

export const reading: Rules = {
  ...each(printers, harmless),
  ...each("identify ffprobe xmllint xmlstarlet xsltproc gron glow", opens({ writes: "--output" })),
  // The first three hold Perl.
  exiftool: opens({
    singleDash: true,
    stops: "-if -p -printFormat -config -execute -@ -api",
    writes: "-o -out",
  }),
  pdftotext: guarded({
    values: "-f -l -r -x -y -W -H -enc -eol -opw -upw",
    singleDash: true,
    operands: "rest",
  }),
  ...each("nm objdump size", guarded({ stops: "--plugin", stopsReason: "loads code" })),
  tree: guarded({ values: "-L -P -I -H -T --charset --filelimit --timefmt", writes: "-o" }),
  uniq: guarded({ values: "-f -s -w --skip-fields --skip-chars --check-chars", operands: "rest" }),
  ...each("ncdu sar", guarded({ values: "-f -i -s -e -P", writes: "-o" })),
  xsv: guarded({ writes: "-o --output" }),
  aspell: guarded({ operands: "all" }),
  ...each(
    "sdiff diff3",
    guarded({ values: "-I -w -W -L --label", runs: "--diff-program", writes: "-o --output" }),
  ),
  mlr: miller,
  fx: jsonViewer,
  glances: guarded({
    stops: "-c -s -w -B --client --server --browser --webserver --export --bind -C --config",
    stopsReason: "talks to other machines",
  }),
  cowsay: guarded({ stops: "-f", stopsReason: "runs a file" }),
  pygmentize: guarded({
    writes: "-o",
    values: "-l -f -F -O -P -S -a",
    stops: "-x",
    stopsReason: "loads code",
  }),
  ss: guarded({ values: "-f -A -D -F -N", stops: "-K --kill -N --net", stopsReason: "ends connections" }),
  dmesg: guarded({
    values: "-l -f -F -n -s",
    stops: "-C -c -D -E -n --clear --read-clear --console-off --console-on --console-level",
    stopsReason: "changes the log of the kernel",
  }),
  ...each("hostname domainname dnsdomainname", onlyShows),
  ...each("less zless more most bat batcat", opensPager),
  ...each(
    "man info tldr",
    guarded({
      writes: "-o --output",
      values: "-S -s -M -m -L -r -f -E",
      stops: "-P -H -C -X -T --pager --html --gxditview",
    }),
  ),
  date: guarded({
    values: "-d -r -f -I --date --reference --file --rfc-3339",
    stops: "-s --set",
    stopsReason: "sets the clock",
  }),
  rg: guarded({
    values:
      "-e -f -g -t -T -A -B -C -m -d -j -M -r -E --regexp --file --glob --iglob --type --type-not --max-count --max-depth --replace --sort --sortr --context --after-context --before-context --color --colors",
    runs: "--pre --hostname-bin",
    stops: "--search-zip -z",
    stopsReason: "runs other programs",
  }),
  ...each("ag delta", guarded({ stops: "--pager" })),
  ack: guarded({ stops: "--pager --ackrc" }),
  diff: guarded({ values: "-I -U -C -F -W -x -X -L --label --exclude --width", writes: "--output" }),
  xxd: guarded({ values: "-c -g -l -s -o", operands: "rest" }),
  dpkg: guarded({
    values: "-D",
    stops:
      "-i -r -P --install --remove --purge --configure --unpack --triggers-only -A --pre-invoke --post-invoke --force-all",
  }),
  rpm: guarded({
    stops: "-i -U -F -e --install --upgrade --erase --import --eval -E --pipe --define -D --load --macros",
  }),
  tig: harmless,
  top: harmless,
  htop: harmless,
};

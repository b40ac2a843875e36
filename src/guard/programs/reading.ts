import type { Judge, Rules } from "../call.ts";
import { each, guarded, harmless } from "../rules.ts";
import { opaque } from "../verdict.ts";

/** These print what they read, and have no option that runs, sends or writes. */
const printers = `
  cat tac head tail wc nl od hexdump strings ls dir vdir stat file readlink realpath basename dirname pwd
  echo true false yes seq sleep factor expr numfmt cut paste join comm fold fmt expand unexpand column rev tr
  uniq cmp diff3 sdiff colordiff icdiff tsort cksum sum md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum shasum md5
  base32 base64 basenc tput tty nproc arch uname uptime free df du id whoami groups users who w last logname printenv locale
  cal ncal getconf lsblk lscpu lsusb lspci lsmod lsof ps pstree pgrep pidof vmstat iostat mpstat sar
  which whereis whatis apropos tree exa eza lsd tokei cloc scc jq gron xmllint xsltproc dpkg-query dyff jless
  egrep fgrep grep zgrep zcat zless bzcat xzcat zstdcat bc dc units look spell aspell identify exiftool ffprobe
  nm objdump readelf size ldd c++filt addr2line pdftotext pdfinfo dmesg getfacl getfattr namei mountpoint findmnt ss
  locate mlocate plocate ncdu stty clear reset named-checkconf named-checkzone lsattr zipinfo ipcs nvidia-smi sw_vers iotop dstat zdiff zcmp bzgrep xzgrep rgrep look pr ptx users finger
  diffstat difft csvcut csvlook mlr xsv fx glow hexyl pygmentize lsns sum pwgen uuidgen uuid cowsay fortune figlet banner sensors acpi lsb_release hostid runlevel glances`;

/** Shown only when asked, never changed: `hostname web9` would set it. */
const onlyShows: Judge = ({ name, args }) =>
  args.every((arg) => arg.startsWith("-") && !/^-(F|b|-file|-boot)/.test(arg))
    ? null
    : opaque(`"${name}" with a name changes this machine.`, name);

const pager = guarded({
  values: "-P -p -x -j -y -z -b -h",
  stops: "-o -O -k -T -t --pager --log-file --LOG-FILE --lesskey-file --lesskey-src --tag",
});

/** `+command` runs when the file is open. */
const opensPager: Judge = (call) =>
  call.args.some((arg) => /^\+(?!\d*$|G$|F$)/.test(arg))
    ? opaque(`"${call.name}" runs what follows the plus sign.`, call.name)
    : pager(call);

export const reading: Rules = {
  ...each(printers, harmless),
  ...each("hostname domainname dnsdomainname", onlyShows),
  ...each("less more most bat batcat view", opensPager),
  ...each(
    "man info tldr",
    guarded({ values: "-S -s -M -m -L -r -f -E", stops: "-P -H -C -X -T --pager --html --gxditview" }),
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
  rpm: guarded({ stops: "-i -U -F -e --install --upgrade --erase --import --eval -E --pipe" }),
  tig: harmless,
  top: harmless,
  htop: harmless,
};

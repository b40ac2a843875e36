import type { Call, Judge, Rules } from "../call.ts";
import { judgeHost } from "../hosts.ts";
import { showMarkers } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { secretKind } from "../paths.ts";
import { always, each, guarded, harmless, onlyAsksAbout } from "../rules.ts";
import { live, opaque, worst } from "../verdict.ts";

/** Local when the first operand only asks. */
function asking(verbs: RegExp, reason: string, values = ""): Judge {
  return (call) => {
    if (onlyAsksAbout(call.args)) return null;
    const { operands, flags } = parseOptions(call.args, { values });
    const far = flags.find(({ name }) => /^(-H|-M|--host|--machine)$/.test(name));
    if (far) return live(`"${call.name} ${far.name}" acts on another machine.`, far.name);
    return verbs.test(operands[0] ?? "")
      ? null
      : opaque(`"${call.name} ${showMarkers(operands[0] ?? "")}" ${reason}.`, call.name);
  };
}

const changesMachine = "changes this machine, not the project";

const crontab: Judge = ({ args }) =>
  args.length > 0 && args.every((arg) => arg === "-l")
    ? null
    : opaque('"crontab" runs commands later, out of sight.', "crontab");

const ip: Judge = ({ args }) =>
  args.some((arg) => /^(add|del|delete|set|change|replace|flush|exec|netns|up|down|-b|-batch|-n)$/.test(arg))
    ? opaque('"ip" changes the network, or runs a command.', "ip")
    : null;

/** They print the key that they read. */
const showsKey = /^(rsa|ec|dsa|pkey|pkcs8|pkcs12|base64|enc|asn1parse)$/;

/** A request for a certificate or a key stays here; `s_client` does not. */
const openssl: Judge = (call) => {
  const [sub = "", ...args] = call.args;
  const local =
    /^(rand|req|x509|dgst|genrsa|genpkey|enc|version|verify|pkcs12|pkcs8|passwd|ecparam|rsa|dsa|ec|pkey|base64|sha\d+|md5|prime|list|help|asn1parse|crl|speed|errstr|ciphers|dhparam|kdf|mac|pkeyutl|rsautl|ca)$/;
  const shown = showsKey.test(sub) && !args.some((arg) => /^-(noout|pubout)$/.test(arg));
  const secret = shown ? args.find((arg) => secretKind(arg) === "private") : undefined;
  if (secret !== undefined) return opaque(`"openssl ${sub}" shows "${showMarkers(secret)}".`, secret);
  const stops = args.find((arg) =>
    /^--?(engine|provider|provider-path|proxy|url|CAstore|signer_uri|store)$/.test(arg),
  );
  if (local.test(sub) && stops === undefined)
    return guarded({
      singleDash: true,
      values: "-in -inkey -days -subj -newkey -keyout -pass -passin -passout",
      writes: "-out -keyout -writerand",
    })({ ...call, args });
  const hosts = args.filter((_, index) => /^--?(connect|host|proxy)$/.test(args[index - 1] ?? ""));
  if (sub === "s_client" && hosts.length > 0) {
    const far = hosts.find((host) => judgeHost(host, call.world.facts) !== "loopback");
    if (far !== undefined) return live(`"openssl s_client" connects to "${showMarkers(far)}".`, far);
    if (stops === undefined) return null;
  }
  return opaque(`"openssl ${sub}" may reach another machine or load code.`, "openssl");
};

const gpg: Judge = guarded({
  values: "-o -u -r --output --recipient --local-user --homedir --default-key",
  flags: "--export --export-ownertrust",
  stops:
    "--recv-keys --receive-keys --send-keys --search-keys --refresh-keys --fetch-keys --keyserver --export-secret-keys --export-secret-subkeys --auto-key-locate --locate-keys --photo-viewer --exec-path --agent-program --dirmngr-program --options",
  stopsReason: "reaches a key server, or lets a secret key out",
  writes: "-o --output",
});

const sysctl: Judge = ({ args }) =>
  args.some((arg) => /=|^-(w|p)|--(write|load|system)/.test(arg))
    ? opaque(`"sysctl" ${changesMachine}.`, "sysctl")
    : null;

const clipboard = always("opaque", "carries text out of the terminal");
const media = guarded({ stops: "-f lavfi -protocol_whitelist" });
const ffmpeg = guarded({ singleDash: true, stops: "-f -protocol_whitelist" });

/** FFmpeg and ImageMagick open addresses as files. */
const convert: Judge = (call) => {
  const address = call.args.find(
    (arg) => /:\/\/|^(https?|ftp|tcp|udp|rtmp|msl|ephemeral|url):/i.test(arg) || arg.startsWith("|"),
  );
  const options = call.name === "ffmpeg" ? ffmpeg : media;
  return address === undefined
    ? worst(options(call), call.world.judgeWrite(call.args.at(-1) ?? ""))
    : opaque(`"${call.name}" is given the address "${showMarkers(address)}".`, address);
};

const usesFile = guarded({ stops: "-k --kill", stopsReason: "ends what uses the file" });

/** `fuser -k 3000/tcp` ends what listens there, as `kill` does. */
const fuser: Judge = (call) =>
  call.args.every((arg) => /^(-[ksv]+|-(KILL|TERM|INT|HUP)|\d+\/(tcp|udp))$/.test(arg))
    ? null
    : usesFile(call);

export const system: Rules = {
  systemctl: asking(
    /^(status|is-active|is-enabled|is-failed|list-\S+|show|cat|get-default|list|help)$/,
    changesMachine,
    "-H -M -n -o -p -t --host --machine --lines --output --property --type",
  ),
  service: ({ args }) =>
    args[1] === "status" || args[0] === "--status-all"
      ? null
      : opaque(`"service" ${changesMachine}.`, "service"),
  journalctl: guarded({
    values: "-u -n -p -o --since --until --unit --lines",
    stops:
      "--vacuum-size --vacuum-time --vacuum-files --rotate --flush -M -D -H --machine --host --root --image",
    stopsReason: "changes the journal, or reads another one",
  }),
  loginctl: asking(/^(list-\S+|show-\S+|\S+-status|)$/, changesMachine),
  timedatectl: asking(/^(status|show|list-timezones|timesync-status|)$/, changesMachine),
  hostnamectl: asking(/^(status|)$/, changesMachine),
  localectl: asking(/^(status|list-\S+|)$/, changesMachine),
  resolvectl: asking(/^(status|statistics|)$/, "asks the network"),
  crontab,
  ip,
  ...each("ifconfig route arp iwconfig ethtool", ({ name, args }: Call) =>
    args.filter((arg) => !arg.startsWith("-")).length <= 1
      ? null
      : opaque(`"${name}" ${changesMachine}.`, name),
  ),
  netstat: harmless,
  sysctl,
  openssl,
  ...each("gpg gpg2", gpg),
  ...each("age age-keygen minisign signify", guarded({ writes: "-o --output -x" })),
  fuser,
  "systemd-analyze": asking(/^(verify|time|blame|critical-chain|calendar|security|)$/, changesMachine),
  nginx: ({ args }) =>
    args.some((arg) => /^-[tTvV]+$/.test(arg)) ? null : opaque('"nginx" starts or stops a server.', "nginx"),
  ...each("apachectl apache2ctl httpd haproxy", ({ name, args }) =>
    args.some((arg) => /^(-t|-c|configtest|-S|-v|-V|-vv)$/.test(arg))
      ? null
      : opaque(`"${name}" starts or stops a server.`, name),
  ),
  caddy: asking(
    /^(fmt|validate|adapt|version|list-modules|hash-password|environ|build-info|help)$/,
    "starts, stops or changes a server",
  ),
  sshd: ({ args }) =>
    args.some((arg) => /^-[tT]$/.test(arg)) ? null : opaque('"sshd" lets others in.', "sshd"),
  visudo: ({ args }) =>
    /^-c/.test(args[0] ?? "") ? null : opaque('"visudo" changes who may do what.', "visudo"),
  named: always("opaque", "is a server"),
  ...each("ffmpeg magick convert mogrify montage composite inkscape sox gs", convert),
  ...each("pbcopy xclip xsel wl-copy clip clip.exe osc", clipboard),
  ...each(
    "xdg-open open start explorer sensible-browser firefox chromium google-chrome chrome w3m lynx links elinks",
    always("opaque", "opens addresses in a browser"),
  ),
  ...each(
    "mount umount fusermount mkfs fdisk parted losetup swapon swapoff cryptsetup lvm pvcreate vgcreate lvcreate zfs zpool btrfs mkswap",
    (call) => mounts(call),
  ),
  ...each(
    "reboot shutdown halt poweroff init telinit insmod modprobe rmmod iptables ufw firewall-cmd useradd usermod userdel groupadd adduser passwd chpasswd chsh chfn newgrp setcap setenforce auditctl logger wall write mesg chattr setfacl setfattr modinfo update-grub anacron cron supervisorctl pm2 forever launchctl sc brew-services nssm initctl rc-service",
    always("opaque", changesMachine),
  ),
  ...each("gdb lldb dlv rr perf bpftrace stap", always("opaque", "looks into or starts other programs")),
};

/** Without arguments it lists; a network file system names its host. */
function mounts(call: Call) {
  if (call.args.length === 0 || onlyAsksAbout(call.args) || call.args.every((arg) => /^-l$/.test(arg)))
    return null;
  const host = call.args.find((arg) => /^[\w.-]+:|^\/\//.test(arg));
  if (host !== undefined)
    return live(`"${call.name}" mounts "${showMarkers(host)}" from another machine.`, host);
  return opaque(`"${call.name}" ${changesMachine}.`, call.name);
}

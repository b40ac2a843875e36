import type { Call, Judge, Rules } from "../call.ts";
import { showMarkers, UNKNOWN } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { always, asksForHelp, each, guarded, onlyAsksAbout, uncertain } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";
import { judgeRemotePath } from "./files.ts";

/** `ssh -G host` prints what it would do. Other options could name a file of settings, which may run programs. */
function onlyPrints(name: string, args: readonly string[]): boolean {
  const { flags, operands } = parseOptions(args, {
    values: "-l -p",
    flags: "-G -4 -6 -v",
    stopAtOperand: true,
  });
  return (
    name === "ssh" &&
    operands.length === 1 &&
    flags.every(({ known }) => known) &&
    flags.some((flag) => flag.name === "-G") &&
    !args.some((arg) => arg.includes(UNKNOWN))
  );
}

const ssh: Judge = ({ name, args }) => {
  if (onlyPrints(name, args)) return null;
  if (args.length === 1 && /^(-V|--version|--help)$/.test(args[0] ?? "")) return null;
  if (args[0] === "-Q" && args.length <= 2) return null;
  const host = args.find((arg) => !arg.startsWith("-")) ?? "";
  return live(
    `"${name}" opens a session on another machine${host === "" ? "" : ` ("${showMarkers(host)}" is among its words)`}.`,
    name,
  );
};

const scpSyntax = { values: "-c -D -F -i -J -l -o -P -S -X" };
const rsyncSyntax = {
  values:
    "-e -f -M -T -B -@ --rsh --rsync-path --port --exclude --include --exclude-from --include-from --files-from --bwlimit --filter --chmod --chown --log-file --log-file-format --password-file --early-input --out-format --partial-dir --temp-dir --backup-dir --suffix --compare-dest --copy-dest --link-dest --max-size --min-size --max-delete --max-alloc --timeout --contimeout --modify-window --compress-choice --compress-level --skip-compress --remote-option --sockopts --address --config --block-size --checksum-choice --checksum-seed --iconv --usermap --groupmap --copy-as --info --debug --stop-after --stop-at --protocol --write-batch --read-batch --only-write-batch --outbuf",
};

const copy: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const syntax = call.name === "scp" ? scpSyntax : rsyncSyntax;
  const { flags, operands, uncertain: isUncertain } = parseOptions(call.args, syntax);
  return worst(
    isUncertain ? uncertain(call) : null,
    ...flags.map(({ name, value = "" }) => judgeCopyOption(call, name, value)),
    ...operands.map((path) => judgeRemotePath(path, call, call.name)),
    operands.length > 1 ? call.world.judgeWrite(operands.at(-1) ?? "") : null,
  );
};

function judgeCopyOption(call: Call, name: string, value: string): Verdict | null {
  if (name === "--files-from") return judgeRemotePath(value, call, call.name);
  const runs =
    call.name === "scp"
      ? /^(-S|-o|-D|-J|-F)$/
      : /^(-e|-M|--rsh|--rsync-path|--remote-option|--daemon|--config|--copy-as)$/;
  if (!runs.test(name) && !(call.name === "rsync" && name.startsWith("--rs"))) return null;
  const inner =
    name === "-e" || name.startsWith("--rs") ? call.world.judgeScript(value, { kind: "none" }) : null;
  return worst(
    opaque(`"${call.name} ${name}" runs "${showMarkers(value)}", or connects by it.`, name),
    inner,
  );
}

const keygenSyntax = { values: "-a -b -C -D -E -F -f -I -M -m -N -n -O -P -R -r -s -t -V -w -Y -Z -z" };

const checksSignature = /^(verify|check-novalidate|find-principals|match-principals)$/;

/** Keys are made and shown here; signing is what a person does. */
const keygen: Judge = (call) => {
  const { flags } = parseOptions(call.args, keygenSyntax);
  const checking = flags.some(({ name, value }) => name === "-Y" && checksSignature.test(value ?? ""));
  const signs = flags.find(({ name }) => (checking ? /^-[DKMw]$/ : /^-[YsDKMIwA]$/).test(name))?.name;
  if (signs !== undefined)
    return opaque(`"ssh-keygen ${signs}" signs, loads a library, or makes the machine's own keys.`, signs);
  const removes = flags.some(({ name }) => /^-[RH]$/.test(name));
  return call.args.some((arg) => /^-[A-Za-z]*[RFlB]/.test(arg))
    ? worst(
        ...flags.map(({ name, value }) => (removes && name === "-f" ? judgeHostsFile(call, value) : null)),
      )
    : guarded({
        values: "-t -b -C -N -P -m -a -f -r",
        writes: call.args.includes("-y") || call.args.includes("-e") ? "" : "-f",
      })(call);
};

/** Where known hosts stand. */
function judgeHostsFile({ world }: Call, path = ""): Verdict | null {
  return /^(~|\/home\/[^/]+|\/root)\/\.ssh\/known_hosts$/.test(path) ? null : world.judgeWrite(path);
}

const add: Judge = ({ args }) =>
  args.length > 0 && args.every((arg) => /^-[lLT]$/.test(arg) || arg.endsWith(".pub"))
    ? null
    : opaque('"ssh-add" changes which keys sign without asking.', "ssh-add");

/** Programs whose purpose is another machine. */
const reaching = "reaches another machine";

export const remote: Rules = {
  ...each(
    "ssh slogin autossh mosh ssh-copy-id ssh-keyscan sshfs sftp dbclient tsh teleport rsh rlogin rexec remsh et eternal-terminal plink pscp psftp lsh ssh-audit sslh xpra x2go sshuttle rdesktop xfreerdp vncviewer telnet-ssl wssh winrs dropbear",
    ssh,
  ),
  ...each("scp rsync", copy),
  "ssh-keygen": keygen,
  "ssh-add": add,
  ...each(
    "pssh parallel-ssh pscp.pssh pslurp pnuke prsync clush pdsh pdcp dsh cssh clusterssh mussh tentakel dancer-shell rdist unison rclone lsyncd csync2 bbcp rcp duplicity borg restic",
    always("live", reaching),
  ),
  ...each(
    "fab cap kamal mina shipit deployer dep pyinfra capistrano nixops colmena deploy-rs morph bolt salt salt-ssh salt-call salt-run puppet chef knife chef-client cfagent mco dokku waypoint",
    deploys,
  ),
  ...each(
    "ansible ansible-console ansible-pull ansible-playbook ansible-inventory ansible-galaxy ansible-navigator ansible-runner ansible-vault ansible-doc ansible-config",
    (call) => ansible(call),
  ),
};

const acts = always("live", "acts on the hosts that it deploys to");

/** Which tasks there are stands in the project's own files. */
function deploys(call: Call): Verdict | null {
  const [only = "", ...others] = call.args;
  const lists = /^(fab (-l|--list)|(cap|mina) (-T|--tasks))$/.test(`${call.name} ${only}`);
  return lists && others.length === 0 ? null : acts(call);
}

function ansible(call: Call): Verdict | null {
  if (onlyAsksAbout(call.args) || asksForHelp(call.args, 2)) return null;
  const loads = call.args.find((arg) => /^(-M|--module-path|--playbook-dir)/.test(arg));
  if (loads !== undefined) return opaque(`"${call.name} ${loads}" loads code.`, loads);
  if (/^ansible-(doc|config)$/.test(call.name)) return null;
  const checks = call.args.some((arg) => /^--(syntax-check|list-(tasks|tags|hosts))$/.test(arg));
  if (/^ansible(-playbook)?$/.test(call.name) && checks) {
    const stops = call.args.find((arg, at) =>
      arg === "-i"
        ? !/\.ini$/.test(call.args[at + 1] ?? "")
        : /^(-e|--extra-vars|-i|--inventory|--connection|-c|-M)/.test(arg),
    );
    return stops === undefined ? null : opaque(`"${call.name} ${stops}" may run an inventory script.`, stops);
  }
  if (/^ansible-(galaxy|vault)$/.test(call.name))
    return opaque(`"${call.name}" fetches code or opens secrets.`, call.name);
  return live(`"${call.name}" acts on the hosts of its inventory.`, call.name);
}

import type { Call, Judge, Rules } from "../call.ts";
import { mayBeOption, showMarkers, UNKNOWN } from "../markers.ts";
import { type OptionSyntax, type ParsedOptions, parseOptions } from "../options.ts";
import { always, each, uncertain, type WrapperSyntax, wrapper } from "../rules.ts";
import { opaque, type Verdict, worst } from "../verdict.ts";

const elevates = "runs it with another user's rights";
const isolates = "runs it in another root, namespace or service";

/** `env -S` takes a whole command in one string. */
const envSyntax: WrapperSyntax = {
  values: "-u --unset -C --chdir -a --argv0",
  flags: "-i --ignore-environment -0 --null -v --debug -",
  assigns: true,
};
const plainEnv = wrapper(envSyntax);

const env: Judge = (call) => {
  const split = call.args.findIndex((arg) => /^-[ivS0]*S|^--split-string/.test(arg));
  const rest = parseOptions(call.args, {
    ...envSyntax,
    values: `${envSyntax.values} -S --split-string`,
    stopAtOperand: true,
  });
  if (split < 0) {
    if (rest.operands.every((word) => /^\w+=/.test(word))) call.world.noteSecret();
    return worst(
      plainEnv({ ...call, args: call.args[0] === "-" ? call.args.slice(1) : call.args }),
      judgeElsewhere(call, rest),
    );
  }
  const text = rest.flags.find(({ name }) => /^-S|^--split/.test(name))?.value ?? "";
  return call.world.judgeScript(`env ${text} ${rest.operands.map(quote).join(" ")}`, call.stdin);
};

/** `env -C folder command`: the same words mean another script there. */
function judgeElsewhere({ world, stdin }: Call, { flags, operands }: ParsedOptions): Verdict | null {
  const folder = flags.find(({ name }) => /^(-C|--chdir)$/.test(name))?.value;
  if (folder === undefined) return null;
  return world.judgeScript(`cd ${quote(folder)} && env ${operands.map(quote).join(" ")}`, stdin);
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Joins its operands and gives them to a shell. */
const joining =
  (syntax: OptionSyntax): Judge =>
  (call) => {
    const { flags, operands } = parseOptions(call.args, {
      ...syntax,
      flags: syntax.flags ?? "",
      stopAtOperand: true,
    });
    const unknown = flags.find((flag) => !flag.known);
    const verdict = unknown
      ? opaque(`"${call.name}" has no option "${unknown.name}" that the guard knows.`, unknown.name)
      : null;
    return worst(
      verdict,
      operands.length === 0 ? null : call.world.judgeScript(operands.join(" "), { kind: "unknown" }),
    );
  };

/** Each word but options and their plain values is a command for a shell. */
const eachOperand: Judge = (call) => {
  const isPlainValue = (text: string) => /^(\d[\d.]*|[\w./-]+\.(json|md|csv))$/.test(text);
  const texts = call.args.map((arg) => arg.replace(/^--?[\w-]+=/, "")).filter((arg) => !arg.startsWith("-"));
  const commands = texts.filter((text) => !isPlainValue(text)).slice(0, 64);
  return worst(
    call.args.some(mayBeOption) ? uncertain(call) : null,
    ...commands.map((text) => call.world.judgeScript(text, { kind: "unknown" })),
  );
};

/** What is on standard input will run later. */
const later: Judge = (call) => {
  const inner = call.stdin.kind === "text" ? call.world.judgeScript(call.stdin.text, { kind: "none" }) : null;
  return worst(opaque(`"${call.name}" runs commands later, out of sight.`, call.name), inner);
};

const timeSyntax: WrapperSyntax = {
  flags: "-p -v -a -V --portability --verbose --append",
  values: "-f --format",
  writes: "-o --output",
};

const flock: Judge = (call) => {
  const syntax: WrapperSyntax = {
    values: "-w -E --timeout --wait --conflict-exit-code",
    flags: "-s -x -e -n -u -o -F --shared --exclusive --nonblock --nb --unlock --close --no-fork --verbose",
    skip: 1,
  };
  const at = call.args.findIndex((arg) => arg === "-c" || arg === "--command");
  if (at < 0) return wrapper(syntax)(call);
  return call.world.judgeScript(call.args[at + 1] ?? UNKNOWN, { kind: "unknown" });
};

/** `su deploy -c 'command'`: the option may stand behind the operand. */
const switchUser: Judge = (call) => {
  const at = call.args.findIndex((arg) => /^(-\w*c|--command|--session-command)$/.test(arg));
  const joined = call.args.find((arg) => arg.startsWith("--command="))?.slice(10);
  const text = at < 0 ? joined : call.args[at + 1];
  const inner = text === undefined ? null : call.world.judgeScript(text, { kind: "unknown" });
  const rest = call.args.indexOf("--");
  const words =
    text === undefined && rest >= 0 ? call.world.judgeWords(call.args.slice(rest + 1), call.stdin) : null;
  return worst(opaque(`"${call.name}" ${elevates}.`, call.name), inner, words);
};

const transcript: Judge = (call) => {
  const { flags, operands } = parseOptions(call.args, {
    values: "-c --command -E -I -O -B -T -o -m --log-in --log-out",
  });
  const text = flags.find(({ name }) => name === "-c" || name === "--command")?.value;
  const verdict =
    text === undefined
      ? opaque('"script" starts a shell that nobody watches.', "script")
      : call.world.judgeScript(text, { kind: "unknown" });
  return worst(verdict, ...operands.map((path) => call.world.judgeWrite(path)));
};

/** Scripts for a terminal that is not there: what they spawn is searched, but never proven. */
const expects: Judge = (call) => {
  const at = call.args.indexOf("-c");
  const text = at < 0 ? "" : (call.args[at + 1] ?? "");
  const spawned = [...text.matchAll(/\b(?:spawn|exec|system)\s+([^;\n}]+)/g)].slice(0, 8);
  const inner = worst(...spawned.map(([, line = ""]) => call.world.judgeScript(line, { kind: "unknown" })));
  return worst(opaque(`"${call.name}" plays a person at a terminal.`, call.name), inner);
};

/** A terminal of its own: what runs in it is searched for, but the session goes on unseen. */
const multiplexer: Judge = (call) => {
  const listing = /^(ls|list-sessions|list-windows|list-panes|display-message|capture-pane|-ls|-list)$/;
  if (call.args.length > 0 && listing.test(call.args[0] ?? "")) return null;
  const inner = call.args
    .slice(0, 40)
    .map((arg) => (arg.includes(" ") ? call.world.judgeScript(arg, { kind: "none" }) : null));
  const words = call.args.findIndex((arg) => /^(ssh|scp|sftp|mosh|kubectl)$/.test(arg));
  return worst(
    opaque(`"${call.name}" runs commands out of sight.`, call.name),
    words < 0 ? null : call.world.judgeWords(call.args.slice(words), { kind: "none" }),
    ...inner,
  );
};

/** Programs that only start another one, with the options they are known by. */
const starters: Rules = {
  nohup: wrapper({}),
  setsid: wrapper({ flags: "-c -f -w --ctty --fork --wait" }),
  time: wrapper(timeSyntax),
  gtime: wrapper(timeSyntax),
  timeout: wrapper({
    skip: 1,
    values: "-k -s --kill-after --signal",
    flags: "-v -f -p --foreground --preserve-status --verbose",
  }),
  gtimeout: wrapper({
    skip: 1,
    values: "-k -s --kill-after --signal",
    flags: "-v --foreground --preserve-status",
  }),
  nice: wrapper({ values: "-n --adjustment", flags: "-0 -1 -2 -3 -4 -5 -6 -7 -8 -9" }),
  ionice: wrapper({ values: "-c -n --class --classdata", flags: "-t --ignore" }),
  chrt: wrapper({ skip: 1, flags: "-b -f -i -o -r -a -v -m -R --batch --fifo --idle --other --rr" }),
  taskset: wrapper({ skip: 1, flags: "-a -c --all-tasks --cpu-list" }),
  stdbuf: wrapper({ values: "-i -o -e --input --output --error" }),
  unbuffer: wrapper({ flags: "-p" }),
  prlimit: wrapper({ flags: "", values: "-p --nofile --nproc --as --cpu" }),
  setarch: wrapper({ skip: 1, flags: "-R --addr-no-randomize" }),
  ...each(
    "catchsegv rlwrap eatmydata fakeroot setpriv chronic ts tini dumb-init caffeinate winpty arch",
    wrapper({ flags: "-s -g -n -i -d -m -u" }),
  ),
  ltrace: wrapper({ writes: "-o --output", values: "-e -s -p -n -l -x", flags: "-f -c -C -i -r -S -t" }),
  strace: wrapper({
    writes: "-o --output",
    values: "-e -s -p -P -a -b -E -I -O -S -X",
    flags: "-f -ff -c -C -d -D -h -i -k -q -r -t -tt -T -v -w -x -y -Y -z -Z",
  }),
  valgrind: wrapper({
    writes: "--log-file --xml-file",
    flags:
      "-q -v --quiet --leak-check --track-origins --show-leak-kinds --error-exitcode --tool --num-callers",
  }),
  choom: wrapper({ values: "-n -p" }),
  ccache: wrapper({}),
  ...each("c8 nyc", (call) =>
    /^(report|check-coverage|merge)$/.test(call.args[0] ?? "") ? null : measures(call),
  ),
  "cross-env": wrapper({ assigns: true }),
  "dbus-run-session": wrapper({ flags: "", values: "--config-file --dbus-daemon" }),
  "dbus-launch": wrapper({ flags: "--exit-with-session --sh-syntax" }),
  "xvfb-run": wrapper({
    flags: "-a -l --auto-servernum --listen-tcp",
    writes: "-e --error-file",
    values: "-f -n -p -s -w --server-args --server-num",
  }),
  faketime: wrapper({ skip: 1, flags: "-f -m" }),
  "ssh-agent": wrapper({ flags: "-s -c -k -d -D", values: "-a -t -E" }),
  ...each(
    "bundle poetry pipenv pdm hatch rye mise asdf rbenv pyenv nodenv volta fnm direnv dotenv dotenvx env-cmd nx",
    (call) => runsInEnvironment(call),
  ),
};

/** Words by which tools of a language start a program: `poetry run pytest`, `bundle exec rspec`, `dotenv -- node`. */
const starting = /^(exec|run|x|--|with)$/;

function runsInEnvironment(call: Call): Verdict | null {
  const [first = "", ...rest] = call.args;
  if (
    /^(--version|-v|-V|--help|version|list|ls|current|which|env|check|show|doctor|status|versions)$/.test(
      first,
    ) &&
    rest.length <= 1
  )
    return null;
  if (!starting.test(first)) {
    const at = call.args.findIndex((arg) => starting.test(arg));
    const inner = at < 0 ? null : call.world.judgeWords(call.args.slice(at + 1), call.stdin);
    return worst(
      opaque(`"${call.name} ${showMarkers(first)}" does more than can be proven.`, call.name),
      inner,
    );
  }
  const words = rest[0] === "--" ? rest.slice(1) : rest;
  if (words[0]?.startsWith("-")) return opaque(`"${call.name} ${first} ${words[0]}" is not known.`, words[0]);
  return call.world.judgeWords(words, call.stdin);
}

/** Programs that change whose rights, or which root, the command has: gated whatever it is. */
const boundaries: Rules = {
  sudo: wrapper({
    gates: elevates,
    assigns: true,
    values: "-u -g -h -p -C -D -R -T -U -r -t --user --group --host --prompt --chdir",
    flags: "-n -S -E -H -i -s -k -K -b -A -l -v --non-interactive --preserve-env --login --shell --stdin",
  }),
  doas: wrapper({ gates: elevates, values: "-u -C", flags: "-n -s -L" }),
  ...each(
    "pkexec run0 gosu su-exec setuidgid chpst",
    wrapper({ gates: elevates, values: "-u --user", skip: 0 }),
  ),
  ...each("su runuser sg", switchUser),
  chroot: wrapper({ gates: isolates, skip: 1, values: "--userspec --groups", flags: "--skip-chdir" }),
  ...each(
    "unshare nsenter bwrap firejail systemd-nspawn capsh proot",
    wrapper({
      gates: isolates,
      values: "-t --target",
      flags: "-m -u -i -n -p -r -U -C -f -F --user --mount --pid --net --fork",
    }),
  ),
  "systemd-run": wrapper({
    gates: isolates,
    assigns: true,
    values: "-u -p -E --unit --property --setenv --slice --on-calendar --on-active -M -H",
    flags: "--user --scope --wait --pty --pipe -t -P -q --collect -G --quiet",
  }),
  "systemd-inhibit": wrapper({ flags: "", values: "--what --who --why --mode" }),
  "start-stop-daemon": always("opaque", "starts services"),
  ...each(
    "proxychains proxychains4 torsocks torify tsocks usewithtor",
    wrapper({ gates: "sends what it runs through a proxy", values: "-f", flags: "-q" }),
  ),
  sshpass: wrapper({ gates: "hands a password to ssh", values: "-p -f -d -P", flags: "-e -v" }),
};

/** They watch over a command, or tell of the last. */
const measures = wrapper({
  flags: "--all --check-coverage --silent",
  values: "-r --reporter --include --exclude -x -n",
});

export const wrappers: Rules = {
  ...starters,
  ...boundaries,
  env,
  watch: joining({
    values: "-n --interval -q",
    flags: "-d -t -g -e -c -b -x -p --differences --no-title --color --errexit --chgexit --exec",
  }),
  entr: wrapper({ flags: "-c -d -n -p -r -s -z -a" }),
  hyperfine: eachOperand,
  ...each("concurrently npm-run-all run-p run-s", eachOperand),
  ...each("at batch", later),
  flock,
  script: transcript,
  ...each("expect unbuffer-expect autoexpect empty", expects),
  ...each("tmux screen dtach abduco zellij byobu", multiplexer),
  ...each("nodemon watchexec", always("opaque", "runs a command again and again, unseen")),
};

import type { Call, Judge, Rules } from "../call.ts";
import { showMarkers } from "../markers.ts";
import { type Flag, parseOptions } from "../options.ts";
import { secretKind } from "../paths.ts";
import { always, byName, each, guarded, harmless, onlyAsksAbout, uncertain } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";
import { filterBranch, reflog, reset, rewrites } from "./git-history.ts";
import { isReading, judgePlace, worldAt } from "./git-place.ts";
import { remoteNames, talks } from "./git-remotes.ts";
import { configure, judgeSetting } from "./git-settings.ts";
import { judgeApplied } from "./patches.ts";

/** Judged by options alone. */
const plain = guarded({
  values: "-n -L -S -G -O --format --pretty --since --until --author --grep -m --message -F --file -C -c",
  runs: "--exec -x --upload-pack --receive-pack",
  stops: "--ext-diff --textconv --open-files-in-pager --edit-description",
  stopsReason: "runs a configured program",
  writes: "-o --output --output-directory --directory",
});

/** Options of these that look like the ones above and are harmless: `-x` of cherry-pick, `-x` of ls-files and clean. */
const lookalikes = guarded({ stops: "--upload-pack --receive-pack --exec", writes: "--output" });

const local =
  "status diff log show blame annotate shortlog reflog describe rev-parse rev-list ls-tree cat-file merge-base name-rev for-each-ref show-ref show-branch diff-tree diff-index diff-files range-diff whatchanged count-objects fsck verify-commit verify-tag check-ignore check-attr check-ref-format var version help add rm mv commit restore merge init stash tag revert format-patch bundle worktree sparse-checkout gc pack-objects repack pack-refs prune-packed commit-graph notes grep mktree hash-object write-tree commit-tree read-tree update-index stripspace patch-id interpret-trailers column get-tar-commit-id rerere merge-file merge-tree cherry unpack-file fmt-merge-msg diff-pairs bugreport";
const similar = "cherry-pick ls-files clean checkout branch";

/** Where another work tree, or a file with a part of the history, is put. */
const worktree: Judge = (call) => {
  const [action = "", ...args] = call.args;
  const { operands } = parseOptions(args, { values: "-b -B --reason" });
  const place = action === "add" ? operands[0] : action === "move" ? operands[1] : undefined;
  const isHarmless = place === undefined || (action === "add" && isBeside(call, place));
  return worst(plain(call), isHarmless ? null : call.world.judgeWrite(place));
};

/** Where people put a second work tree: right beside the project. git makes it only where nothing lies. */
function isBeside(call: Call, path: string): boolean {
  return /^\.\.\/[\w-][\w.-]*\/?$/.test(path) && call.world.judgeWrite(".") === null;
}

const bundle: Judge = (call) => {
  const { operands } = parseOptions(call.args, { values: "" });
  const [action, file] = operands;
  return worst(plain(call), action === "create" && file !== undefined ? call.world.judgeWrite(file) : null);
};

/** `-x` and `-X` take what git ignores, the guard's own folder among it. */
const clean: Judge = (call) => {
  const isDry = call.args.some((arg) => /^-[a-zA-Z]*n|^--dry-run/.test(arg));
  const takesIgnored = call.args.some((arg) => /^-[a-zA-Z]*[xX]/.test(arg));
  return takesIgnored && !isDry ? opaque('"git clean -x" removes .vibeops too.', "clean") : lookalikes(call);
};

const rebase: Judge = guarded({ values: "-s -X -C --onto --strategy --strategy-option", runs: "-x --exec" });

const submodule: Judge = (call) => {
  const words = call.args.filter((arg) => !/^(--recursive|-q|--quiet)$/.test(arg));
  if (words[0] === "foreach") return call.world.judgeScript(words.slice(1).join(" "), { kind: "none" });
  return words.length === 0 || /^(status|summary|init)$/.test(words[0] ?? "")
    ? null
    : opaque('"git submodule" talks to other repositories.', "submodule");
};

const bisect: Judge = (call) =>
  call.args[0] === "run" ? call.world.judgeWords(call.args.slice(1), { kind: "none" }) : null;

/** They put other bytes into the named files, which may be ones that only vibeops or a person writes. */
const changesFiles: Judge = (call) => {
  // What `rm --cached` takes out of the index is gone with the next commit.
  const isIndexOnly =
    call.name === "git restore" &&
    call.args.some((arg) => /^(--staged|-S)$/.test(arg)) &&
    !call.args.some((arg) => /^(--worktree|-\w*W\w*)$/.test(arg));
  const { flags, operands } = parseOptions(call.args, { values: "-s --source -b -B --conflict" });
  const inner = call.name === "git checkout" ? branch(call) : plain(call);
  if (isIndexOnly) return inner;
  const source = flags.find(({ name }) => /^(-s|--source)$/.test(name))?.value ?? operands[0] ?? ".";
  // Taken from another commit, the whole folder brings older approvals and rules along.
  const isOlder = !isFolder(source) && operands.some((path) => isFolder(path));
  const whole =
    isOlder && /checkout|restore/.test(call.name)
      ? opaque(`"${call.name}" takes the whole project back, approvals and records included.`, source)
      : null;
  const written = operands.filter((path) => !isFolder(path) && !isRange(path));
  return worst(inner, whole, ...written.map((path) => call.world.judgeWrite(path)));
};

function isFolder(path: string): boolean {
  return /^(\.{1,2}\/?|\/|:\/|:\(top\).*)$/.test(path);
}

/** `main..topic` is no path. */
function isRange(word: string): boolean {
  return /^[^/.][^/]*\.\.\.?[^/]*$/.test(word);
}

/** A branch that is moved by force, a checkout that resets one, and the end of the one with the trail drop what it held. */
const branch: Judge = (call) => {
  const sub = call.name.slice(4);
  const drops = call.args.some((arg) => (moves[sub] ?? moves.branch)?.test(arg));
  const isTrail = call.args.includes("-D") && call.args.some((arg) => /^(main|master|trunk)$/.test(arg));
  return drops || isTrail ? rewrites(`${sub} --force`) : lookalikes(call);
};

const moves: Readonly<Record<string, RegExp>> = {
  branch: /^(-[a-zA-Z]*[fMCB][a-zA-Z]*|--force)$/,
  switch: /^(-[a-zA-Z]*C[a-zA-Z]*|--force-create(=.*)?)$/,
};

/** Marks by which a change of a file goes unseen, and entries that come from no file at all. */
const indexes: Judge = ({ args, world }) => {
  const stop = args.find((arg) => /^--(cacheinfo|index-info|stdin|index-version)/.test(arg));
  if (stop !== undefined) return opaque(`"git update-index ${stop}" writes what is in no file.`, stop);
  const hides = args.some((arg) => /^--(no-)?(assume-|skip-|fsmonitor-)/.test(arg));
  const paths = args.filter((arg) => !arg.startsWith("-"));
  return hides ? worst(...paths.map((path) => world.judgeWrite(path))) : null;
};

const archive: Judge = (call) => {
  const remote = call.args.find((arg) => arg.startsWith("--remote"));
  return remote === undefined
    ? guarded({ runs: "--exec", values: "-o --format --prefix", writes: "-o --output" })(call)
    : live(`"git archive ${showMarkers(remote)}" reads from another machine.`, remote);
};

const grepTree: Judge = (call) =>
  call.args.some((arg) => /^-O|^--open/.test(arg))
    ? opaque('"git grep -O" starts a program.', "-O")
    : lookalikes(call);

const judges = byName({
  ...each(local, plain),
  ...each(similar, lookalikes),
  ...each("branch switch", branch),
  ...each("apply am", (call) => worst(plain(call), judgeApplied(call))),
  ...each("checkout restore rm mv", changesFiles),
  ...each("clone fetch pull push ls-remote", (call) => worst(plain(call), talks(call))),
  clean,
  reset,
  config: configure,
  remote: remoteNames,
  rebase,
  submodule,
  bisect,
  "filter-branch": filterBranch,
  archive,
  grep: grepTree,
  reflog,
  help: guarded({ stops: "-w --web", stopsReason: "starts a browser" }),
  worktree,
  bundle,
  init: guarded({
    values: "-b --initial-branch --object-format --ref-format",
    operands: "all",
    stops: "--template --separate-git-dir",
    stopsReason: "brings hooks along",
  }),
  maintenance: ({ args }: Call) =>
    args[0] === "run" ? null : opaque('"git maintenance" runs later, out of sight.', "maintenance"),
  stash: ({ args, world }: Call) => {
    const { operands } = parseOptions(args[0] === "push" ? args.slice(1) : args, { values: "-m --message" });
    return /^(push$|-)/.test(args[0] ?? "") ? worst(...operands.map((path) => world.judgeWrite(path))) : null;
  },
  lfs: ({ args, world }: Call) =>
    /^(ls-files|status|env|version|help|track|untrack)$/.test(args[0] ?? "")
      ? args[0]?.endsWith("track") && args.length > 1
        ? world.judgeWrite(".gitattributes")
        : null
      : opaque(`"git lfs ${args[0] ?? ""}" may talk to another machine.`, "lfs"),
  gc: ({ args }: Call) => (args.some((arg) => arg.startsWith("--prune")) ? rewrites("gc --prune") : null),
  "symbolic-ref": ({ args }: Call) =>
    args.filter((arg) => !arg.startsWith("-")).length > 1 ? rewrites("symbolic-ref") : null,
  commit: guarded({
    values: "-m -F -C -c -t --message --file --author --date --fixup --squash --trailer --cleanup",
    stops: "-n",
    stopsReason: "skips the hooks",
  }),
  "update-index": (call: Call) => worst(lookalikes(call), indexes(call)),
  ...each("update-ref replace filter-repo fast-import prune", ({ name }: Call) => rewrites(name.slice(4))),
  ...each("gui citool gitk", harmless),
});

const globalSyntax = {
  values: "-C -c --git-dir --work-tree --namespace --exec-path --config-env --super-prefix --attr-source",
  flags:
    "-p -P --paginate --no-pager --bare --no-replace-objects --literal-pathspecs --no-optional-locks --version --help --html-path --info-path --man-path -h -v",
  stopAtOperand: true,
};

const git: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const { flags, operands, uncertain: isUncertain } = parseOptions(call.args, globalSyntax);
  const [sub, ...args] = operands;
  const verdict = worst(
    isUncertain ? uncertain(call) : null,
    ...flags.map((flag) => judgeGlobal(call, flag)),
  );
  if (sub === undefined) return verdict;
  // For git itself this is `git help`, whatever stands before.
  if (args.length === 1 && args[0] === "--help") return verdict;
  const judge = judges.get(sub);
  if (judge) {
    const world = worldAt(call, flags);
    const inner = judge({ ...call, name: `git ${sub}`, args, world });
    return worst(
      verdict,
      inner,
      judgeSkipping(sub, args),
      judgeReading(sub, args),
      isReading(sub, args) ? null : judgePlace(world, flags),
    );
  }
  return worst(
    verdict,
    opaque(`"git ${showMarkers(sub)}" is not known: it may be an alias, or reach another machine.`, sub),
  );
};

/** They read any file, tracked or not. */
function judgeReading(sub: string, args: readonly string[]): Verdict | null {
  if (!/^(diff|grep|blame|annotate|hash-object)$/.test(sub)) return null;
  const secret = args.find((arg) => secretKind(arg) === "private");
  return secret === undefined ? null : opaque(`"git ${sub}" reads "${showMarkers(secret)}".`, secret);
}

/** `--no-verify`, cut short or not. */
function judgeSkipping(sub: string, args: readonly string[]): Verdict | null {
  const skip = /^(commit|merge|rebase|am|pull|push|cherry-pick)$/.test(sub)
    ? args.find((arg) => /^--no-ver(i(fy?)?)?$/.test(arg))
    : undefined;
  return skip === undefined ? null : opaque(`"git ${sub} ${skip}" skips the hooks.`, skip);
}

function judgeGlobal(call: Call, { name, value = "", known }: Flag): Verdict | null {
  if (name === "-c") return judgeSetting(call, value);
  if (known && !/^--(exec-path|config-env|git-dir|attr-source)$/.test(name)) return null;
  if (name === "--git-dir" && /^[\w.][\w./-]*$/.test(value)) return null;
  if (name === "--exec-path" && value === "") return null;
  return opaque(`"git ${name}" changes which programs or settings git uses.`, name);
}

export const versionControl: Rules = {
  git,
  "git-lfs": always("opaque", "talks to another machine"),
  ...each("svn hg bzr cvs fossil p4 darcs", ({ name, args }) =>
    /^(status|st|diff|log|info|help|--version|summary|branches|blame|annotate)$/.test(args[0] ?? "") &&
    judgeHostless(args)
      ? null
      : opaque(`"${name}" may talk to another machine.`, name),
  ),
  ...each("gitk gitui lazygit", always("opaque", "offers every command of git")),
};

function judgeHostless(args: readonly string[]): boolean {
  return args.every((arg) => !arg.includes("://") && !/^--config|^-R|^-c/.test(arg));
}

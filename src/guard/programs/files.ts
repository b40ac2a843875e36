import type { Call, Judge, Rules } from "../call.ts";
import { foundPaths, soughtName, startsOf } from "../found-names.ts";
import { judgeHost } from "../hosts.ts";
import { GLOB, PLAIN, showMarkers, UNKNOWN } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { each, guarded, harmless, uncertain } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";

/** Removing or changing everything includes approvals, records and the guard's own files. */
function refuseEverything(call: Call): Verdict | null {
  const isRecursive = call.args.some((arg) => /^-[A-Za-z]*[rR]|^--recursive/.test(arg)) || call.name === "mv";
  const word = call.args.find(
    (arg) => arg === GLOB || /^(\.|\uE002)?\/?(\uE001)?$/.test(arg) || arg === "./" || arg === ".",
  );
  if (!isRecursive || word === undefined || word === "") return null;
  return opaque(`"${call.name}" takes the whole project, approvals and records included.`, showMarkers(word));
}

function withEverything(judge: Judge): Judge {
  return (call) => worst(judge(call), refuseEverything(call));
}

const copy: Judge = (call) => {
  const target = { values: "-t -S --target-directory --suffix --backup --sparse --reflink" };
  const { flags, operands } = parseOptions(call.args, target);
  const into = flags.find(({ name }) => name === "-t" || name === "--target-directory")?.value;
  const written = into === undefined ? operands.slice(call.name === "mv" ? 0 : -1) : [into];
  // `ln -s target` alone makes a link in the folder itself.
  if (call.name === "ln" && operands.length === 1 && into === undefined) return null;
  const sources = into === undefined ? operands.slice(0, -1) : operands;
  const folder = into ?? operands.at(-1) ?? "";
  const inside = sources.map((source) => `${folder}/${nameIn(source)}`);
  return worst(...[...written, ...inside].map((path) => call.world.judgeWrite(path)));
};

const strips = guarded({ stops: "--strip-program", stopsReason: "runs another program" });

/** What a copy is called in the folder where it lands; a folder with a stroke or a dot at its end may be what it holds. */
function nameIn(source: string): string {
  const name = source.slice(source.lastIndexOf("/") + 1);
  return /^\.{0,2}$/.test(name) ? GLOB : name;
}

/** Another name for a file, of either kind, would be a way around every rule about paths. */
const link: Judge = (call) => {
  const { flags, operands } = parseOptions(call.args, { values: "-t -S --target-directory --suffix" });
  const isInto = flags.some(({ name }) => /^(-t|--target-directory)$/.test(name));
  const targets = isInto || operands.length < 2 ? operands : operands.slice(0, -1);
  const isSymbolic = flags.some(({ name }) => /^(-s|--symbolic)$/.test(name));
  // A symbolic link counts from its own folder, and one that leads to a neighbour is usual: what it names decides.
  const named = isSymbolic ? targets.map((target) => target.replace(/^(\.{1,2}\/)+/, "")) : targets;
  return worst(copy(call), ...named.map((target) => call.world.judgeWrite(target)));
};

const duplicate: Judge = ({ args, world }) => {
  const output = args.find((arg) => arg.startsWith("of="));
  return output === undefined ? null : world.judgeWrite(output.slice(3));
};

const find: Judge = (call) => {
  let verdict: Verdict | null = null;
  for (let at = 0; at < call.args.length; at += 1) {
    const arg = call.args[at] ?? "";
    if (/^-(exec|execdir|ok|okdir)$/.test(arg)) {
      const end = call.args.findIndex((word, index) => index > at && (word === ";" || word === "+"));
      const stop = end < 0 ? call.args.length : end;
      verdict = worst(verdict, judgeForEachFile(call, call.args.slice(at + 1, stop)));
      at = stop;
    } else if (/^-(fprint0?|fprintf|fls)$/.test(arg)) {
      verdict = worst(verdict, call.world.judgeWrite(call.args[at + 1] ?? ""));
    } else if (arg === "-delete") verdict = worst(verdict, judgeDeletion(call));
    else if (/^-?\uE000/.test(arg)) verdict = worst(verdict, uncertain(call));
  }
  return verdict;
};

const fdSearches = guarded({
  values: "-e -t -E -d -S -c --extension --type --exclude --max-depth",
  stops: "-x -X --exec --exec-batch",
  stopsReason: "runs a command for each file",
});

/** As find, with the command up to `;` after `-x`. Hidden files are found when it is asked for them. */
const fd: Judge = (call) => {
  const at = call.args.findIndex((arg) => /^(-[xX]|--exec|--exec-batch)$/.test(arg));
  if (at < 0) return fdSearches(call);
  const own = call.args.slice(0, at);
  const end = call.args.indexOf(";", at);
  const words = call.args.slice(at + 1, end < 0 ? call.args.length : end);
  const name = own.some((arg) => /^(-[A-Za-z]*[HIu]|--(hidden|no-ignore|unrestricted))/.test(arg))
    ? UNKNOWN
    : PLAIN;
  const place = /\{(\/{0,2}|\/?\.)\}/;
  const filled = words.map((word) => {
    if (!place.test(word)) return word;
    return word.replace(place, "") === "" ? name : word.replace(new RegExp(place, "g"), UNKNOWN);
  });
  const given = words.some((word) => place.test(word)) ? filled : [...words, name];
  const rest = end < 0 ? [] : call.args.slice(end + 1);
  return worst(
    fdSearches({ ...call, args: [...own, ...rest] }),
    words.length === 0 ? null : call.world.judgeWords(given, { kind: "none" }),
  );
};

/** The name of a file is a path when it is a word; inside a script it would be code. */
function judgeForEachFile(call: Call, words: readonly string[]): Verdict | null {
  const verdicts = foundPaths(call.args).map((path) => {
    const filled = words.map((word) => (word === "{}" ? path : word.replaceAll("{}", UNKNOWN)));
    return call.world.judgeWords(filled, { kind: "none" });
  });
  return worst(...verdicts);
}

function judgeDeletion(call: Call): Verdict | null {
  const starts = startsOf(call.args);
  const hasTest = call.args.some((arg) =>
    /^-(i?name|i?path|i?regex|mtime|newer|empty|size|type|mmin|wholename)$/.test(arg),
  );
  const everything = starts.some((path) => /^\.?\/?$/.test(path));
  if (everything && !hasTest) return opaque("It deletes the whole project.", "-delete");
  const name = call.args.some((arg) => /^-i?name$/.test(arg)) ? soughtName(call.args) : "x";
  return worst(
    ...starts.map((path) => call.world.judgeWrite(path === "." ? name : path)),
    ...soughtPaths(call).map((path) => call.world.judgeWrite(path)),
  );
}

/** The paths that tests ask for, not those that they leave out. */
function soughtPaths({ args }: Call): readonly string[] {
  return args.flatMap((arg, index) => {
    const test = args[index - 1] ?? "";
    const isLeftOut = /^(!|-not)$/.test(args[index - 2] ?? "") || args[index + 1] === "-prune";
    if (isLeftOut || !/^-i?(path|wholename|regex)$/.test(test)) return [];
    const plain = test.endsWith("regex") ? arg.replaceAll(/\\(.)/g, "$1").replaceAll(".*", "*") : arg;
    return [plain.replaceAll(/[*?]|\[[^\]]{0,64}\]/g, GLOB)];
  });
}

const tarOptions = guarded({
  values:
    "-C -f -b -T -X -g -K -N -V -L --directory --file --exclude --exclude-from --files-from --transform --xform --strip-components --owner --group --mode --mtime --format --blocking-factor",
  runs: "-I --use-compress-program --to-command",
  stops:
    "-F --rsh-command --rmt-command --info-script --new-volume-script --checkpoint-action -P --absolute-names",
});

const tar: Judge = (call) => {
  // `tar cf x` is `tar -cf x`, its letters taking their values in turn; only f, C, I and F matter here.
  const [first = "", ...rest] = call.args;
  const isOldStyle = /^[A-Za-z]+$/.test(first);
  const archives = isOldStyle && first.includes("f") ? rest.slice(0, 1) : archivesOf(call.args);
  const stops =
    isOldStyle && /[IFP]/.test(first) ? opaque(`"tar ${first}" runs another program.`, first) : null;
  let verdict = worst(stops, tarOptions(isOldStyle ? { ...call, args: rest } : call));
  if (!call.args.includes("--force-local")) {
    for (const archive of archives) verdict = worst(verdict, judgeRemotePath(archive, call, "tar"));
  }
  const isExtracting = call.args.some(
    (arg, index) =>
      arg === "--extract" ||
      arg === "--get" ||
      (/^-?[A-Za-z]*x/.test(arg) && !arg.startsWith("--") && (index === 0 || arg.startsWith("-"))),
  );
  if (!isExtracting) return verdict;
  const { flags, operands } = parseOptions(call.args, { values: "-C --directory -f --file" });
  const folder = flags.find(({ name }) => /^(-C|--directory)$/.test(name))?.value;
  // Those behind the archive are what is taken out of it.
  const named = operands.map((member) => call.world.judgeNamed(`${folder ?? "."}/${member}`));
  return worst(verdict, folder === undefined ? null : call.world.judgeWrite(folder), ...named);
};

function archivesOf(args: readonly string[]): string[] {
  return parseOptions(args, { values: "-C -f -T -X -I --file --directory --exclude" })
    .flags.filter(({ name }) => name === "-f" || name === "--file")
    .map(({ value }) => value ?? "");
}

/** `host:path` as tar, scp and rsync read it: a colon before the first slash. */
export function judgeRemotePath(path: string, call: Call, program: string): Verdict | null {
  if (/^[a-z]+:\/\//i.test(path))
    return live(`"${program}" is given the address "${showMarkers(path)}".`, path);
  const match = /^([^/:]*):/.exec(path);
  if (match === null) {
    return /^[^/]*\uE000/.test(path)
      ? opaque(`"${program}" is given "${showMarkers(path)}", which may name another machine.`, path)
      : null;
  }
  const host = match[1] ?? "";
  const kind = judgeHost(host, call.world.facts);
  const what = kind === "known" ? "a host of the inventory" : "another machine";
  return live(`"${program}" is given "${showMarkers(path)}", whose first part names ${what}.`, path);
}

/** Its archive, too, may be `host:path`. */
const cpio: Judge = (call) => {
  const values = "-F -O -I -E -H -C -D -R -M --file --format --directory --owner";
  const archives = parseOptions(call.args, { values }).flags.filter(({ name }) =>
    /^(-[FOI]|--file)$/.test(name),
  );
  return worst(
    guarded({ values, stops: "--rsh-command --to-command" })(call),
    ...archives.map(({ value = "" }) => judgeRemotePath(value, call, "cpio")),
  );
};

/** What is in an archive is read by these verbs, and never changed. */
const readsArchive = /^(?:[eltxb]|-?[ptx][a-zA-Z]*)$/;

/** `7z a x.7z file`, `ar rcs x.a file`: behind the verb stands the archive, and then what goes into it. */
function archiver(options: Judge): Judge {
  return (call) => {
    // ar takes its verb with a dash, too.
    const [first = "", ...others] = call.args;
    const { operands } = parseOptions([first.replace(/^-/, ""), ...others], { singleDash: true });
    const [verb = "", archive = ""] = operands;
    const output = call.args.find((arg) => /^-o./.test(arg))?.slice(2) ?? "";
    const isRead = readsArchive.test(verb);
    return worst(options(call), ...[output, isRead ? "" : archive].map(call.world.judgeWrite));
  };
}

export const files: Rules = {
  ...each("rm chmod chown chgrp mv", (call) => removers[call.name]?.(call) ?? null),
  cp: copy,
  install: (call) => worst(copy(call), strips(call)),
  ln: link,
  ...each(
    "mkdir rmdir touch unlink truncate shred tee mkfifo fallocate",
    guarded({ values: "-m -s -r -d -t -n -l --mode --size --reference --date", operands: "all" }),
  ),
  mktemp: guarded({ values: "--suffix", writes: "-p --tmpdir", operands: "all" }),
  dd: duplicate,
  find,
  ...each("fd fdfind", fd),
  tar,
  ...each("gtar bsdtar", tar),
  ...each(
    "gzip gunzip bzip2 bunzip2 xz unxz zstd unzstd lz4 compress uncompress pigz brotli",
    guarded({ operands: "all" }),
  ),
  zip: guarded({
    operands: "first",
    values: "-x -i -n -P -t -tt -b",
    stops: "-TT --unzip-command -T --test",
    stopsReason: "runs another program",
  }),
  unzip: guarded({ values: "-x -P", writes: "-d" }),
  ...each("7z 7za 7zr", archiver(guarded({ stops: "-si", singleDash: true }))),
  ar: archiver(guarded({ stops: "--plugin", stopsReason: "loads code", writes: "--output" })),
  ranlib: guarded({ stops: "--plugin", stopsReason: "loads code", operands: "all" }),
  cpio,
  split: guarded({
    values:
      "-l -b -n -a -C -t --lines --bytes --number --suffix-length --line-bytes --separator --additional-suffix",
    runs: "--filter",
    operands: "rest",
  }),
  csplit: guarded({ values: "-b -n --suffix-format --digits", writes: "-f --prefix" }),
  sync: harmless,
  dos2unix: guarded({ operands: "all" }),
  unix2dos: guarded({ operands: "all" }),
  xattr: harmless,
};

const removers: Rules = {
  rm: withEverything(guarded({ operands: "all" })),
  mv: withEverything(copy),
  // A mode such as `-x` reads as an option, and `u+x` as a file in the project.
  chmod: withEverything(guarded({ values: "--reference", operands: "all" })),
  chown: withEverything(guarded({ values: "--reference --from", operands: "rest" })),
  chgrp: withEverything(guarded({ values: "--reference", operands: "rest" })),
};

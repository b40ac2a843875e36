import type { Call, Judge, Rules } from "../call.ts";
import { readDiffPaths, stripFolders } from "../diff-paths.ts";
import { hasMarker } from "../markers.ts";
import { type OptionSyntax, parseOptions } from "../options.ts";
import { readPatchPaths } from "../patch-paths.ts";
import { virtualRoot } from "../paths.ts";
import { each, guarded } from "../rules.ts";
import { opaque, type Verdict, worst } from "../verdict.ts";

/** Codex's own editor, as its models call it in a shell: the patch is an argument, or stands on standard input. */
const applyPatch: Judge = (call) => {
  const patch = textOf(call);
  const paths = patch === null || hasMarker(patch) ? null : readPatchPaths(patch);
  if (paths === null) return opaque(`Which files "${call.name}" writes cannot be read.`, call.name);
  return worst(...paths.map((path) => call.world.judgeWrite(path)));
};

function textOf({ args, stdin }: Call): string | null {
  if (args.length > 0) return args.length === 1 ? (args[0] ?? null) : null;
  return stdin.kind === "text" ? stdin.text : null;
}

/** How many folders a program takes off the names in a patch, in each way that it might; and where what is left lies. */
interface Reading {
  strips: readonly number[];
  folders: readonly string[];
}

/** Null where the texts are known and name nothing that is protected, and where only a disk that nobody asked knows them. */
function judgeTexts(
  call: Call,
  texts: readonly string[] | null | undefined,
  reading: Reading,
): Verdict | null {
  if (texts === undefined) return null;
  const unread = opaque(`Which files "${call.name}" writes cannot be read.`, call.name);
  if (texts === null) return unread;
  return worst(...texts.map((text) => judgeText(call, text, reading, unread)));
}

function judgeText(call: Call, text: string, { strips, folders }: Reading, unread: Verdict): Verdict | null {
  if (text.trim() === "") return null;
  const names = hasMarker(text) ? null : readDiffPaths(text);
  if (names === null || names.length > 2_000) return unread;
  const paths = names.flatMap((name) => strips.map((count) => stripFolders(name, count)));
  const placed = paths.flatMap((path) =>
    folders.map((folder) => (folder === "" ? path : `${folder}/${path}`)),
  );
  return worst(...[...new Set(placed)].map((path) => call.world.judgeWrite(path)));
}

/** What the files that are named hold, or what is on standard input. */
function textsOf({ stdin, world }: Call, files: readonly string[]): readonly string[] | null | undefined {
  if (files.length === 0 || (files.length === 1 && files[0] === "-")) {
    if (stdin.kind === "text") return [stdin.text];
    return stdin.kind === "unknown" && stdin.file !== undefined ? world.textsIn(stdin.file) : null;
  }
  const texts: string[] = [];
  for (const file of files) {
    const found = world.textsIn(file);
    if (found === undefined || found === null) return found;
    texts.push(...found);
  }
  return texts;
}

const patchSyntax: OptionSyntax = {
  values: "-p -d -i -o -r -B -D -F -V -Y -z --strip --directory --input --output",
};
const patchOptions = guarded({
  ...patchSyntax,
  writes: "-d -o -r --directory --output",
  stops: "-e --ed",
  stopsReason: "hands the patch to an editor that runs commands",
});

const patch: Judge = (call) => {
  const { flags, operands } = parseOptions(call.args, patchSyntax);
  const lastOf = (short: string, long: string) =>
    flags.findLast(({ name }) => name === short || name === long)?.value;
  const [target, file = lastOf("-i", "--input")] = operands;
  const isDry = flags.some(({ name }) => name === "--dry-run");
  const folder = lastOf("-d", "--directory") ?? "";
  const base = folder === "" ? "" : `${folder}/`;
  const texts = textsOf(call, file === undefined ? [] : [file === "-" ? file : base + file]);
  const isEditor = texts?.some(
    (text) => text !== "" && target !== undefined && /^\d+(,\d+)?[aci]$/m.test(text),
  );
  if (isEditor) return opaque('"patch" hands the patch to an editor that runs commands.', "patch");
  if (target !== undefined)
    return worst(patchOptions(call), isDry ? null : call.world.judgeWrite(base + target));
  const strip = Number.parseInt(lastOf("-p", "--strip") ?? "", 10);
  // Told nothing, it takes the name alone, or all of it where its folders are there.
  const strips = Number.isNaN(strip) ? [0, Number.MAX_SAFE_INTEGER] : [strip];
  return worst(patchOptions(call), isDry ? null : judgeTexts(call, texts, { strips, folders: [folder] }));
};

const applySyntax: OptionSyntax = {
  values:
    "-p -C --directory --include --exclude --whitespace --build-fake-ancestor --patch-format --empty --quoted-cr -S",
};
const onlyShows =
  /^--(check|stat|numstat|summary|abort|skip|quit|continue|resolved|retry|show-current-patch(=.*)?)$/;

/** What `git apply` and `git am` write into the work tree or the index. */
export function judgeApplied(call: Call): Verdict | null {
  const { args, world } = call;
  if (args.some((arg) => onlyShows.test(arg)) && !args.includes("--apply")) return null;
  const stop = args.find((arg) => /^--unsafe/.test(arg));
  if (stop !== undefined) return opaque(`"${call.name} ${stop}" writes outside of the work tree.`, stop);
  const { flags, operands } = parseOptions(args, applySyntax);
  const lastOf = (wanted: string) => flags.findLast(({ name }) => name === wanted)?.value;
  const strip = Number.parseInt(lastOf("-p") ?? "", 10);
  const below = lastOf("--directory") ?? "";
  const ancestor = lastOf("--build-fake-ancestor");
  // Names count from the work tree's root or from the folder, depending on the kind of patch.
  const root = world.facts.projectRoot ?? virtualRoot;
  const folders = below === "" ? ["", root] : [below, `${root}/${below}`];
  return worst(
    ancestor === undefined ? null : world.judgeWrite(ancestor),
    below === "" ? null : world.judgeWrite(below),
    judgeTexts(call, textsOf(call, operands), { strips: Number.isNaN(strip) ? [0, 1] : [strip], folders }),
  );
}

export const patches: Rules = {
  ...each("apply_patch applypatch", applyPatch),
  ...each("patch gpatch", patch),
};

const header = /^(?:---|\+\+\+|\*\*\*|Index:|(?:rename|copy) (?:from|to)) +(.+)$/;
const gitHeader = /^diff --git +(.+)$/;
/** Links and submodules lead elsewhere; a mail may be encoded. */
const unreadable =
  /^(?:(?:new|deleted) (?:file )?mode|new mode|index \S+) ?(?:120000|160000)|^index \S+ (?:120000|160000)$|^content-transfer-encoding:(?!\s*[78]bit\s*$)/i;
/** The commands of an editor, which patch hands to one. */
const editorLine = /^\d+(?:,\d+)?[acdis]$/;

/**
 * The names in a patch as git and patch know them (unified, context, git's own), with their prefixes. patch finds its headers behind white space,
 * behind `X` and behind the dashes of a mail. Null where nobody can say what is written.
 */
export function readDiffPaths(text: string): readonly string[] | null {
  const names = new Set<string>();
  for (const line of text.split(/\r?\n/)) {
    const bare = line.replace(/^[ \tX]*(?:- )*/, "");
    if (unreadable.test(bare) || editorLine.test(line)) return null;
    const both = gitHeader.exec(bare)?.[1];
    const given = both === undefined ? namesIn(header.exec(bare)?.[1]) : halves(both);
    for (const name of given) {
      // Escapes in quotes spell any name.
      if (name.startsWith('"')) return null;
      if (name !== "/dev/null") names.add(name);
    }
  }
  return names.size === 0 ? null : [...names];
}

/** Up to a tab, where a time may stand; where none does, perhaps up to white space. */
function namesIn(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const whole = (text.split("\t")[0] ?? "").trimEnd();
  return [whole, whole.split(" ")[0] ?? ""];
}

/** `a/x b/x`: where the first name ends cannot be told if they hold spaces. */
function halves(text: string): readonly string[] {
  const words = text.split(" ").slice(0, 12);
  return words.flatMap((_, at) => [words.slice(0, at).join(" "), words.slice(at).join(" ")]).filter(Boolean);
}

/** The file that a name stands for, once so many of its folders are taken away. */
export function stripFolders(name: string, count: number): string {
  const parts = name.split(/\/+/);
  return parts.slice(Math.min(count, parts.length - 1)).join("/");
}

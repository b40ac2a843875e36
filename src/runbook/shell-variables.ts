const NAME = "[A-Za-z_][A-Za-z0-9_]*";

/**
 * Variables that a login gives or every POSIX shell sets, and the ones that a step of a `local` host is given. Not
 * among them: HOSTNAME, which only bash sets, OLDPWD, TMPDIR and LANG, which are often missing.
 */
const KNOWN = new Set([
  ...["HOME", "PATH", "PWD", "USER", "LOGNAME", "SHELL", "IFS", "PPID", "OPTIND", "OPTARG"],
  "VIBEOPS_PROJECT",
  "VIBEOPS_ROOT",
]);

/**
 * Names that a script reads and neither assigns nor is given. By pattern, not by grammar: good enough for a
 * warning, and for nothing else.
 */
export function unassignedVariables(script: string, given: ReadonlySet<string>): string[] {
  const obeyed = withoutQuoted(script);
  const read = [
    ...matches(obeyed, new RegExp(`(?<!\\\\)\\$(${NAME})`, "g")),
    // A default, as in ${NAME:-x} and ${NAME+x}, is for where it is not set.
    ...matches(obeyed, new RegExp(`(?<!\\\\)\\$\\{#?(${NAME})(?![A-Za-z0-9_]|:?[-+=])`, "g")),
  ];
  const assigned = new Set([
    ...matches(obeyed, new RegExp(`(?:^|[\\s;&|(])(${NAME})=`, "g")),
    ...matches(obeyed, new RegExp(`\\$\\{(${NAME}):?=`, "g")),
    ...matches(obeyed, new RegExp(`\\b(?:for|getopts\\s+\\S+)\\s+(${NAME})`, "g")),
    ...matches(obeyed, /\b(?:read|export|local)((?:[ \t]+[\w=-]+)+)/g).flatMap((words) =>
      matches(words, new RegExp(`[ \\t](${NAME})`, "g")),
    ),
  ]);
  const unknown = read.filter((name) => !assigned.has(name) && !given.has(name) && !KNOWN.has(name));
  return [...new Set(unknown)];
}

function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), (match) => match[1] ?? "");
}

/** Without here-documents that are taken literally, what stands in single quotes, and lines that are comments. */
function withoutQuoted(script: string): string {
  return script
    .replace(/^[ \t]*#[^\n]*/gm, "")
    .replace(/<<-?\s*'([^'\n]+)'[^\n]*\n[\s\S]*?\n\1(?=\n|$)/g, "")
    .replace(/'[^']*'/g, "''");
}

const NAME = "[A-Za-z_][A-Za-z0-9_]*";

/** Variables that every shell has, and the ones that a step of a `local` host is given. */
const KNOWN = new Set([
  ...["HOME", "PATH", "PWD", "OLDPWD", "USER", "LOGNAME", "SHELL", "TMPDIR", "LANG", "IFS", "HOSTNAME"],
  "VIBEOPS_PROJECT",
  "VIBEOPS_ROOT",
]);

/**
 * Names that a script reads and neither assigns nor is given. By pattern, not by grammar: good enough for a
 * warning, and for nothing else.
 */
export function unassignedVariables(script: string, given: ReadonlySet<string>): string[] {
  const obeyed = withoutQuoted(script);
  const read = matches(obeyed, new RegExp(`\\$\\{?(${NAME})`, "g"));
  const assigned = new Set([
    ...matches(obeyed, new RegExp(`(?:^|[\\s;&|(])(${NAME})=`, "g")),
    ...matches(obeyed, new RegExp(`\\b(?:for|read|export|local)\\s+(?:-r\\s+)?(${NAME})`, "g")),
  ]);
  const unknown = read.filter((name) => !assigned.has(name) && !given.has(name) && !KNOWN.has(name));
  return [...new Set(unknown)];
}

function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), (match) => match[1] ?? "");
}

/** Without here-documents that are taken literally, and without what stands in single quotes. */
function withoutQuoted(script: string): string {
  return script.replace(/<<-?\s*'([^'\n]+)'[^\n]*\n[\s\S]*?\n\1(?=\n|$)/g, "").replace(/'[^']*'/g, "''");
}

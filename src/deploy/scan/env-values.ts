/** `A=b` lines of an environment file, for Compose's interpolation only: values are never told. */
export function readEnvValues(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (match?.[1] === undefined) continue;
    const raw = match[2] ?? "";
    const quoted = /^"([^"]*)"|^'([^']*)'/.exec(raw);
    values.set(match[1], quoted?.[1] ?? quoted?.[2] ?? raw.replace(/\s+#.*$/, ""));
  }
  return values;
}

/** The names that an environment file sets, with their lines. */
export function listEnvNames(text: string): { name: string; line: number }[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    const name = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/.exec(line)?.[1];
    return name === undefined ? [] : [{ name, line: i + 1 }];
  });
}

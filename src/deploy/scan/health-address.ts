const VARIABLE = String.raw`\$\{[^{}\s]{1,60}\}|\$\w{1,60}`;
const HERE = String.raw`localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0`;
const ADDRESS = new RegExp(`https?://(?:${HERE}|${VARIABLE})(?::(?:(\\d{1,5})|${VARIABLE}))?(/[\\w./-]*)`);

interface HealthAddress {
  readonly path: string;
  /** Undefined where it names none, or one that only a variable knows. */
  readonly port: number | undefined;
}

/** What a health command asks on this machine: `/healthz` and 3000 of `curl -f http://localhost:3000/healthz`. */
export function healthAddressOf(command: string): HealthAddress | undefined {
  const [, port, path] = ADDRESS.exec(command) ?? [];
  if (path === undefined) return undefined;
  return { path, port: port === undefined ? undefined : Number(port) };
}

/**
 * Words of a command that a shell would take as they are; null for one that needs its shell. What the shell would do
 * is then the shell's to say, not ours.
 */
export function plainWords(command: string): string[] | null {
  const words = command.trim().split(/[ \t]+/);
  return words.every((word) => /^[\w./:@%+,=-]+$/.test(word)) && !words[0]?.includes("=") ? words : null;
}

/** `|| exit 1` at the end of a health command only turns every failure into 1, which is failure all the same. */
export function withoutExit(command: string): string {
  return command.trim().replace(/\s*\|\|\s*(?:exit|return)\s+1$/, "");
}

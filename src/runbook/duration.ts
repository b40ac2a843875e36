const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const LONGEST_MS = 24 * 3_600_000;

/** `500ms`, `30s`, `5m` or `1h` in milliseconds; null for anything else, for nothing and for more than a day. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return null;
  const milliseconds = Number(count) * (UNITS[unit] ?? 0);
  return milliseconds > 0 && milliseconds <= LONGEST_MS ? milliseconds : null;
}

/** The shortest way to write it that {@link parseDuration} reads back. */
export function formatDuration(milliseconds: number): string {
  for (const unit of ["h", "m", "s"]) {
    const size = UNITS[unit] ?? 1;
    if (milliseconds % size === 0) return `${milliseconds / size}${unit}`;
  }
  return `${milliseconds}ms`;
}

import { DAY_MS, HOUR_MS, MINUTE_MS } from "../platform/units-of-time.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: MINUTE_MS, h: HOUR_MS };
const LONGEST_MS = DAY_MS;

/** `500ms`, `30s`, `5m` or `1h` in milliseconds; null for anything else, for nothing and for more than a day. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return null;
  const milliseconds = Number(count) * (UNITS[unit] ?? 0);
  return milliseconds > 0 && milliseconds <= LONGEST_MS ? milliseconds : null;
}

const AGE_UNITS: Readonly<Record<string, number>> = {
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
};

/** How old something is, as a person says it: `30m`, `24h`, `7d` or `2w`, in milliseconds; null for anything else. */
export function parseAge(text: string): number | null {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return null;
  return Number(count) * (AGE_UNITS[unit] ?? 0);
}

/** The shortest way to write it that {@link parseDuration} reads back. */
export function formatDuration(milliseconds: number): string {
  for (const unit of ["h", "m", "s"]) {
    const size = UNITS[unit] ?? 1;
    if (milliseconds % size === 0) return `${milliseconds / size}${unit}`;
  }
  return `${milliseconds}ms`;
}

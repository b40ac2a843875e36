import { readDuration, readMapping, readText, readTexts } from "./values.ts";

/** A health check as the Compose file has it. Times are in milliseconds; what is missing is the image's. */
export interface Healthcheck {
  disabled: boolean;
  test?: string[];
  interval?: number;
  timeout?: number;
  startPeriod?: number;
  retries?: number;
}

export function readHealthcheck(value: unknown, place: string): Healthcheck {
  const raw = readMapping(value, place);
  const test = typeof raw.test === "string" ? ["CMD-SHELL", raw.test] : readTexts(raw.test, `${place}.test`);
  const durations = {
    interval: raw.interval,
    timeout: raw.timeout,
    startPeriod: raw.start_period,
  };
  return {
    disabled: raw.disable === true || test[0] === "NONE",
    ...(test.length > 1 ? { test } : {}),
    ...Object.fromEntries(
      Object.entries(durations).flatMap(([key, duration]) =>
        duration === undefined ? [] : [[key, readDuration(duration, `${place}.${key}`)]],
      ),
    ),
    ...(raw.retries === undefined ? {} : { retries: Number(readText(raw.retries, place)) }),
  };
}

/**
 * The arguments of `podman run` for a health check. podman-compose cannot say them: it puts a list through
 * `/bin/sh -c` with broken quotes. podman 4 takes a JSON list without its leading CMD, and a string for a shell.
 */
export function compileHealthcheck(check: Healthcheck, image: Healthcheck): string[] {
  if (check.disabled) return ["--no-healthcheck"];
  const merged = { ...image, ...check };
  const [kind, ...words] = merged.test ?? [];
  if (kind === undefined || kind === "NONE") return [];
  const command = kind === "CMD-SHELL" ? (words[0] ?? "") : JSON.stringify(words);
  return [
    ...["--health-cmd", command],
    ...(merged.interval === undefined ? [] : ["--health-interval", `${merged.interval}ms`]),
    ...(merged.timeout === undefined ? [] : ["--health-timeout", `${merged.timeout}ms`]),
    ...(merged.startPeriod === undefined ? [] : ["--health-start-period", `${merged.startPeriod}ms`]),
    ...(merged.retries === undefined ? [] : ["--health-retries", String(merged.retries)]),
  ];
}

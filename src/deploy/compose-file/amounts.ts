const UNITS: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Bytes of `512m`, `1.5g`, `2GB` or `1073741824` as Compose reads them; null for anything else. */
export function readBytes(text: string): number | null {
  const [, digits, unit = "b"] =
    /^(\d{1,15}(?:\.\d{0,6})?|\.\d{1,6})\s?(?:(b|[kmgt](?=i?b$|$))(?:i?b)?)?$/i.exec(text.trim()) ?? [];
  return digits === undefined ? null : Math.round(Number(digits) * (UNITS[unit.toLowerCase()] ?? 1));
}

/** CPUs of `0.5` or `2`; null for anything else. */
export function readCpus(text: string): number | null {
  return /^(?:\d{1,5}(?:\.\d{0,6})?|\.\d{1,6})$/.test(text.trim()) ? Number(text) : null;
}

/** `7.5 GiB`, `512 MiB`: for people. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ["GiB", UNITS.g ?? 1],
    ["MiB", UNITS.m ?? 1],
    ["KiB", UNITS.k ?? 1],
  ] as const) {
    if (bytes >= size) return `${Number((bytes / size).toFixed(1))} ${unit}`;
  }
  return `${bytes} B`;
}

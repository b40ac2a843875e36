import { readBytes } from "../compose-file/amounts.ts";

/** What a block takes as it is. */
const WRITTEN = /^\d{1,6}(?:\.\d{1,3})? ?(?:[kmg](?:i?b?)?|b)$/i;

/** An amount of Compose's as a block holds it: bytes in the largest unit that comes out even. */
export function plainMemory(text: string): string {
  if (WRITTEN.test(text)) return text;
  const bytes = readBytes(text);
  return bytes === null ? text : writeMemory(bytes);
}

const DECIMAL: Readonly<Record<string, number>> = { "": 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** A quantity of Kubernetes', whose M is a million and whose m a thousandth, as Compose means its units. */
export function memoryOfQuantity(text: string): string {
  if (/[KMGT]i$/.test(text)) return plainMemory(text);
  const [, digits, exponent, suffix = ""] =
    /^(\d{1,15}(?:\.\d{1,6})?)(?:e(\d{1,2})|([mkMGT]))?$/.exec(text) ?? [];
  if (digits === undefined) return text;
  return writeMemory(Number(digits) * 10 ** Number(exponent ?? 0) * (DECIMAL[suffix] ?? 1));
}

/** Never more than there was: what no unit can say is rounded down to whole megabytes. */
function writeMemory(bytes: number): string {
  const kilobytes = bytes / 1024;
  for (const [unit, size] of [
    ["g", 1024 ** 2],
    ["m", 1024],
  ] as const) {
    if (kilobytes >= size && Number.isInteger(kilobytes / size)) return `${kilobytes / size}${unit}`;
  }
  const exact = `${kilobytes}k`;
  if (WRITTEN.test(exact)) return exact;
  return kilobytes < 1024 ? `${Math.floor(bytes)}b` : `${Math.floor(kilobytes / 1024)}m`;
}

import { GLOB } from "./markers.ts";

/** What the paths that find prints look like: one for each folder that it searches. */
export function foundPaths(args: readonly string[]): readonly string[] {
  const name = soughtName(args);
  return startsOf(args).map((start) => `${start === "." ? "" : `${start.replace(/\/$/, "")}/`}${name}`);
}

/** What the names of all files that are found look like, at any depth; any name where one test does not say it alone. */
export function soughtName(all: readonly string[]): string {
  // `-path x -prune -o` leaves a folder out.
  const pruned = all.findIndex((arg, index) => arg === "-prune" && /^-o(r)?$/.test(all[index + 1] ?? ""));
  const args = all.slice(pruned < 0 ? 0 : pruned + 2);
  const at = args.findIndex((arg) => /^-i?name$/.test(arg));
  const isOpen =
    args.some((arg, index) => /^(-o|-or|,)$/.test(arg) || turnsName(arg, args[index + 1])) ||
    args.lastIndexOf("-name") > at;
  const name = at < 0 || isOpen ? "*" : (args[at + 1] ?? "*");
  return `${GLOB}/${name.replaceAll(/[*?]|\[[^\]]{0,64}\]/g, GLOB)}`;
}

/** `!` before a name, or before more than one test. */
function turnsName(arg: string, next = ""): boolean {
  return /^(!|-not)$/.test(arg) && /^(-i?name|\\?\(|!|-not)$/.test(next);
}

/** The folders that find searches: the operands before the first test. */
export function startsOf(args: readonly string[]): readonly string[] {
  const words = args.filter((arg, index) => !/^-[HLP]$/.test(arg) || index > 2);
  const end = words.findIndex((arg) => /^[-(!]/.test(arg));
  const starts = end < 0 ? words : words.slice(0, end);
  return starts.length === 0 ? ["."] : starts.slice(0, 4);
}

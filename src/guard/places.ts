import type { GuardFacts } from "./facts.ts";
import { namesKnownHost } from "./hosts.ts";

/** Variables and options by which programs are told whom to talk to: `DB_HOST`, `--base-url`, `API_ENDPOINT`. */
const tellsWhere = /(host|hostname|addr|address|server|endpoint|url|uri|dsn|broker|proxy|allow-net)s?$/i;

/** `DB_HOST=db1`, `--base-url=https://web1.example.com`: a program is sent to a host of the inventory. */
export function sendsToKnownHost(name: string, value: string, facts: GuardFacts): boolean {
  return (tellsWhere.test(name) || value.includes("://")) && namesKnownHost(value, facts);
}

/** The argument that sends a program to a host of the inventory: an address, or what such an option is given. */
export function findKnownPlace(args: readonly string[], facts: GuardFacts): string | undefined {
  return args.find((arg, index) => {
    const [, joined, value = arg] = /^(-[^=]*)=(.*)$/s.exec(arg) ?? [];
    const before = args[index - 1] ?? "";
    return sendsToKnownHost(joined ?? (before.startsWith("-") ? before : ""), value, facts);
  });
}

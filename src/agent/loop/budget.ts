import type { Usage } from "../providers/provider.ts";

/** What a session may spend; what is absent is not limited. */
export interface Budget {
  readonly turns: number;
  /** Input and output together. */
  readonly tokens?: number | undefined;
  readonly minutes?: number | undefined;
  /** In the currency of the prices. */
  readonly money?: number | undefined;
}

export const DEFAULT_BUDGET: Budget = { turns: 60 };

/** Per million tokens, as the vendor's price list says. */
export interface Price {
  readonly input: number;
  readonly output: number;
  /** For what is read from a cache; the input's where it is absent. */
  readonly cached?: number | undefined;
}

export interface Spent {
  readonly turns: number;
  readonly usage: Usage;
  readonly minutes: number;
}

/** What a usage costs; null where nobody said what a token costs. */
export function costOf(usage: Usage, price: Price | undefined): number | null {
  if (price === undefined) return null;
  const cached = usage.cached * (price.cached ?? price.input);
  return ((usage.input - usage.cached) * price.input + cached + usage.output * price.output) / 1_000_000;
}

/** Which limit is reached, in words; null while there is some left. */
export function spentLimit(budget: Budget, spent: Spent, price: Price | undefined): string | null {
  const tokens = spent.usage.input + spent.usage.output;
  const money = costOf(spent.usage, price) ?? 0;
  if (spent.turns >= budget.turns) return `${budget.turns} turns`;
  if (budget.tokens !== undefined && tokens >= budget.tokens) return `${budget.tokens} tokens`;
  if (budget.minutes !== undefined && spent.minutes >= budget.minutes) return `${budget.minutes} minutes`;
  if (budget.money !== undefined && money >= budget.money) return `${budget.money} of money`;
  return null;
}

import type { Impact, ReachedService } from "./impact.ts";
import type { Mention } from "./mentions.ts";
import type { Sourced } from "./service-facts.ts";

/** One service: its head, and a label with a text for each thing that is in reach. */
export interface DescribedService {
  readonly head: string;
  readonly rows: readonly (readonly [string, string])[];
}

/** An impact in words, for a person or a model; what memos and runbooks say stands in it as it is. */
export function describeImpact({ services }: Impact): DescribedService[] {
  return services.map((one) => ({
    head: `${one.service}${one.version === null ? "" : ` ${one.version.value}`}${placeOf(one)}`,
    rows: [
      ...one.touched.map((what) => ["touched", what] as const),
      ...(one.via === null ? [] : [["reached", `depends on ${one.via.service} (${one.via.from})`] as const]),
      ...rowsOf("owner", one.owner === null ? [] : [one.owner]),
      ...rowsOf("domain", one.domains ?? []),
      ...rowsOf("port", one.ports ?? []),
      ...rowsOf("volume", one.volumes ?? []),
      ...rowsOf("data", one.data ?? []),
      ...mentionsOf("runbook", one.runbooks),
      ...mentionsOf("memo", one.memos),
      ...one.unknown.map((what) => ["unknown", what] as const),
    ],
  }));
}

function placeOf({ host, hostTier }: ReachedService): string {
  return host === null ? "" : ` on ${host.value}${hostTier === null ? "" : ` (${hostTier})`}`;
}

function rowsOf(label: string, facts: readonly Sourced[]) {
  return facts.map(({ value, from }) => [label, `${value} (${from})`] as const);
}

function mentionsOf(label: string, mentions: readonly Mention[]) {
  return mentions.map(({ id, title, because }) => [label, `${id.slice(-8)} ${title}: ${because}`] as const);
}

/** What holds for the whole, as lines. */
export function describeRest({ untraced, unknown }: Impact): string[] {
  return [
    ...untraced.map((file) => `belongs to no service: ${file}`),
    ...unknown.map((what) => `unknown: ${what}`),
  ];
}

import { Exit, VibeopsError } from "../errors.ts";
import { readInbox } from "../memo/mailbox.ts";
import type { Context } from "../platform/context.ts";
import { requireGit } from "../platform/git.ts";
import { loadInventory } from "../project/inventory.ts";
import type { Project } from "../project/project.ts";
import { nearest } from "../text/similar.ts";
import { readPendingBlocks } from "./blocks.ts";
import { readChange } from "./change.ts";
import { findMemos, findRunbooks, type Mention, type OpenPapers, readOpenRunbooks } from "./mentions.ts";
import { readServiceFacts, type ServiceFacts } from "./service-facts.ts";
import { findTouched, type Touched } from "./touched.ts";

/** A service that a change reaches. */
export interface ReachedService extends ServiceFacts {
  /** What of it changed, where it was touched itself. */
  readonly touched: readonly string[];
  /** By what it is reached, where it is not: the nearest service that it depends on, and where that stands. */
  readonly via: { readonly service: string; readonly from: string } | null;
  readonly runbooks: readonly Mention[];
  readonly memos: readonly Mention[];
  /** What no file here says of it. */
  readonly unknown: readonly string[];
}

export interface Impact {
  /** The commit that it counts from; null where services were named. */
  readonly since: string | null;
  /** Touched ones first, then by how many steps away. */
  readonly services: readonly ReachedService[];
  readonly untraced: readonly string[];
  readonly unknown: readonly string[];
}

/** What is asked: services by name, or a commit. */
export type ImpactQuestion = { readonly services: readonly string[] } | { readonly since: string };

/**
 * What a change reaches, by the files of one project: nothing is asked of any host.
 *
 * @throws VibeopsError `impact.service`, `impact.revision` (exit 3), and as loadInventory and readManifest
 */
export async function findImpact(
  project: Project,
  question: ImpactQuestion,
  context: Context,
): Promise<Impact> {
  const loaded = loadInventory(project);
  const now = context.now();
  const { memos } = readInbox(project.root, now);
  const facts = readServiceFacts(project, loaded, readPendingBlocks(project.root, memos), now);
  let touched: Touched;
  if ("since" in question) {
    const change = await readChange(requireGit(project.root, context.env), project.root, question.since);
    touched = await findTouched(project.root, change, facts, loaded.inventory);
  } else {
    const named = question.services.map((name) => [requireKnown(name, facts), ["you named it"]] as const);
    touched = { services: new Map(named), untraced: [], unknown: [] };
  }
  const papers: OpenPapers = { ...readOpenRunbooks(project), memos };
  const reached = reach(touched.services, facts);
  return {
    since: "since" in question ? question.since : null,
    services: [...reached].map(([service, via]) => {
      const known = facts.get(service) ?? nothingKnown(service);
      return {
        ...known,
        touched: touched.services.get(service) ?? [],
        via,
        runbooks: findRunbooks(papers, known),
        memos: findMemos(project.root, papers, known),
        unknown: listUnknown(known, facts),
      };
    }),
    untraced: touched.untraced,
    unknown: [...touched.unknown, ...papers.unknown, ...sourcesElsewhere(question, project, facts)],
  };
}

/** Breadth first against the direction of depends_on: each service once, so that a circle ends. */
function reach(
  touched: Touched["services"],
  facts: ReadonlyMap<string, ServiceFacts>,
): Map<string, ReachedService["via"]> {
  const reached = new Map<string, ReachedService["via"]>([...touched.keys()].map((name) => [name, null]));
  // A map's iterator comes to what is added while it runs.
  for (const [service] of reached) {
    for (const { service: dependent, dependsOn } of facts.values()) {
      const edge = dependsOn?.find(({ value }) => value === service);
      if (edge !== undefined && !reached.has(dependent)) reached.set(dependent, { service, from: edge.from });
    }
  }
  return reached;
}

/** A service, or something that one depends on. */
function requireKnown(name: string, facts: ReadonlyMap<string, ServiceFacts>): string {
  const dependencies = [...facts.values()].flatMap(({ dependsOn }) =>
    (dependsOn ?? []).map(({ value }) => value),
  );
  const known = new Set([...facts.keys(), ...dependencies]);
  if (known.has(name)) return name;
  const near = nearest(name, known);
  throw new VibeopsError({
    code: "impact.service",
    exit: Exit.notFound,
    message: `neither inventory.yaml, deploy/ nor a pending deployment memo knows a service '${name}'`,
    fix: near === undefined ? "see: vibeops inventory show" : `did you mean ${near}?`,
  });
}

function nothingKnown(service: string): ServiceFacts {
  const nothing = { version: null, host: null, hostTier: null, owner: null, source: null };
  const lists = { domains: null, ports: null, volumes: null, data: null, dependsOn: null };
  return { service, ...nothing, ...lists, problems: [] };
}

const WANTED = {
  host: "where it runs",
  owner: "who owns it",
  domains: "its domains",
  ports: "its ports",
  volumes: "its volumes",
  data: "whether it keeps data",
  dependsOn: "what it depends on",
} as const;

function listUnknown(known: ServiceFacts, facts: ReadonlyMap<string, ServiceFacts>): string[] {
  const missing = (Object.keys(WANTED) as (keyof typeof WANTED)[]).filter((key) => known[key] === null);
  const strangers = (known.dependsOn ?? []).filter(({ value }) => !facts.has(value));
  return [
    ...missing.map((key) => WANTED[key]),
    ...strangers.map(({ value, from }) => `what ${value} is, that it depends on (${from})`),
    ...known.problems,
  ];
}

/** What lies in another repository is not in this one's history. */
function sourcesElsewhere(
  question: ImpactQuestion,
  { root }: Project,
  facts: ReadonlyMap<string, ServiceFacts>,
): string[] {
  if (!("since" in question)) return [];
  return [...facts.values()].flatMap(({ service, source }) =>
    source !== null && /^(\/|\.\.)/.test(source.value) && !source.value.startsWith(`${root}/`)
      ? [`whether the source of ${service} changed: it lies in ${source.value} (${source.from})`]
      : [],
  );
}

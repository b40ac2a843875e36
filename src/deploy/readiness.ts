import type { DeploymentBlock } from "../memo/deployment.ts";
import { type FindTemplate, readReadiness } from "./catalogue.ts";
import type { Place } from "./place.ts";
import { askQuestions, type Question } from "./questions.ts";
import { chooseSettings } from "./settings.ts";

/** A field of the block that answers, and where it was said. */
interface Answer {
  field: string;
  value: string;
  /** `Dockerfile:12 VOLUME`, `memo.md:31`. */
  sources: string[];
}

interface ReadinessItem {
  id: string;
  question: string;
  isAnswered: boolean;
  answers: Answer[];
  /** What is still asked: the same as in the runbook. */
  open: Question[];
  /** Where an answer would stand in the block. */
  fields: readonly string[];
}

export interface Readiness {
  items: ReadinessItem[];
  answered: number;
  /** Answered questions in percent of all, rounded down. */
  score: number;
}

export interface ReadinessInput {
  readonly block: DeploymentBlock;
  /** Null where nobody knows the host yet: then what the inventory would answer is open. */
  readonly place: Place | null;
  /** Where a field of the block was said; empty where nobody can tell. */
  readonly sourcesOf: (field: string) => string[];
  readonly find: FindTemplate;
}

/**
 * The questions that must have an answer before a deployment, each answered or open. Open is what `prepare` would ask.
 *
 * @throws VibeopsError as askQuestions
 */
export function assessReadiness(input: ReadinessInput): Readiness {
  const { block, find, sourcesOf } = input;
  const asked = askQuestions(describeSituation(input), find);
  const items = Object.entries(readReadiness(find)).map(([id, { question, fields, asks }]) => {
    const open = asked.filter((one) => asks.includes(one.id));
    const answers = fields.flatMap((field) => {
      const value = valueAt(block, field);
      return value === undefined ? [] : [{ field, value: describe(value), sources: sourcesOf(field) }];
    });
    if (id === "owner" && block.owner === undefined && input.place?.entry?.owner !== undefined) {
      answers.push({ field: "owner", value: input.place.entry.owner, sources: ["inventory.yaml"] });
    }
    return { id, question, isAnswered: open.length === 0, answers, open, fields };
  });
  const answered = items.filter((item) => item.isAnswered).length;
  return { items, answered, score: Math.floor((answered * 100) / Math.max(1, items.length)) };
}

/** Without a host, one about which nothing is known: it answers nothing. */
function describeSituation({ block, place }: ReadinessInput) {
  const anywhere: Place = place ?? {
    service: block.service,
    hostName: "its host",
    host: { transport: "ssh", tier: "live", runtime: "compose", directory: "/srv" },
    directory: `/srv/${block.service}`,
  };
  const settings = chooseSettings(block, anywhere, { taken: [] });
  return { block, place: anywhere, settings, repository: null, commit: null, kept: [] };
}

function valueAt(block: DeploymentBlock, field: string): unknown {
  let value: unknown = block;
  for (const step of field.split(".")) value = (value as Record<string, unknown> | undefined)?.[step];
  return value;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(describe).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  const { name, path } = value as { name?: unknown; path?: unknown };
  return path === undefined ? String(name) : `${String(name)} at ${String(path)}`;
}

import type { TaskItem } from "../text/blocks.ts";

/** What a preparation made, as far as a memo's checklist may ask for it. */
export interface Made {
  compose: boolean;
  site: boolean;
  env: boolean;
  runbook: boolean;
  /** The open questions were listed and go to the sender. */
  questions: boolean;
}

/** An item that asks to prepare something; `deploy`, `run` or `install` it is for a person on the host. */
const PREPARING =
  /^(?:please\s+)?(?:prepare|write|draft|create|generate|make|produce|add|list|collect|ask|send)\b/i;

/** In this order: "env.example for Compose" is about the variables. */
const SUBJECTS: readonly (readonly [keyof Made, RegExp])[] = [
  ["questions", /\b(?:open )?questions?\b/i],
  ["runbook", /\brunbooks?\b/i],
  ["env", /\benv(?:\.example|ironment)?\b|\bvariables?\b/i],
  ["site", /\b(?:caddy|caddyfile|proxy|site)\b/i],
  ["compose", /\b(?:compose|container|configurations?|config)\b/i],
];

/** Subjects that no preparation ever does, whatever stands beside them. */
const NOT_OURS =
  /\b(?:dns|certificates?|tls|backups?|restore|monitoring|alerts?|firewall|database|migrations?|secrets?)\b/i;

/**
 * The open boxes that this preparation really did: each part of the item ("… and …", "…, …") must name something
 * that was made. What is not understood stays open; a box ticked too many is worse than one too few.
 */
export function findPreparedItems(items: readonly TaskItem[], made: Made): TaskItem[] {
  return items.filter((item) => !item.checked && isPrepared(item.text, made));
}

function isPrepared(text: string, made: Made): boolean {
  if (!PREPARING.test(text.trim())) return false;
  const parts = text.split(/,|;|&|\+|\band\b|\bthen\b/i).filter((part) => part.trim() !== "");
  return parts.every((part) => {
    const subject = SUBJECTS.find(([, pattern]) => pattern.test(part))?.[0];
    return subject !== undefined && made[subject] && !NOT_OURS.test(part);
  });
}

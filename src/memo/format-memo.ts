import { Exit, VibeopsError } from "../errors.ts";
import { idTime } from "../platform/ids.ts";
import type { MemoType } from "../project/memo-types.ts";
import { quoteUntrusted } from "../text/visible.ts";
import { type Address, formatAddress } from "./address.ts";
import { parseMemo, refuseHidden } from "./memo.ts";
import { isExtraKey } from "./memo-header.ts";
import type { Priority } from "./priority.ts";
import { yamlText } from "./yaml-text.ts";

/** What a sender knows. What is missing gets the default that a reader would assume, and is written out. */
export interface MemoDraft {
  id: string;
  from: Address;
  to: Address;
  date?: Date | string | undefined;
  priority?: Priority | undefined;
  type?: MemoType | undefined;
  subject: string;
  thread?: string | undefined;
  replyTo?: string | undefined;
  refs?: readonly string[] | undefined;
  due?: string | undefined;
  session?: string | undefined;
  tool?: string | undefined;
  extra?: Readonly<Record<string, string>> | undefined;
  /** Markdown from its first line on; the empty line before it is added here. */
  body: string;
}

/**
 * A memo as text. It is parsed again before it is returned, so nothing is ever sent that a receiver would refuse.
 *
 * @throws VibeopsError as {@link parseMemo}
 */
export function formatMemo(draft: MemoDraft): string {
  const time = idTime(draft.id) ?? new Date(0);
  const lines: [string, string | readonly string[] | undefined][] = [
    ["id", draft.id],
    ["from", formatAddress(draft.from)],
    ["to", formatAddress(draft.to)],
    ["date", typeof draft.date === "string" ? draft.date : formatTime(draft.date ?? time)],
    ["priority", draft.priority ?? "normal"],
    ["type", draft.type ?? "request"],
    ["subject", draft.subject],
    ["thread", draft.thread],
    ["reply-to", draft.replyTo],
    ["refs", draft.refs],
    ["due", draft.due],
    ["session", draft.session],
    ["tool", draft.tool],
    ...Object.entries(draft.extra ?? {}).filter(([key]) => refuseForeignKey(key)),
  ];
  const yaml = lines
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${yamlText(value)}\n`]))
    .join("");
  const text = `---\n${yaml}---\n${draft.body === "" ? "" : "\n"}${draft.body}`;
  // Before the bytes, which cannot hold half a surrogate pair.
  refuseHidden(text, undefined);
  parseMemo(Buffer.from(text), { now: time });
  return text;
}

function refuseForeignKey(key: string): true {
  if (isExtraKey(key)) return true;
  throw new VibeopsError({
    code: "memo.unknown-key",
    exit: Exit.invalid,
    message: `an extra key cannot be ${quoteUntrusted(key)}`,
    fix: "begin its name with x-, in lower-case letters, digits and dashes",
  });
}

function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

import { scanHidden } from "../text/characters.ts";
import { cutUntrusted, quoteUntrusted } from "../text/visible.ts";
import type { GuardFacts } from "./facts.ts";
import { hasMarker, showMarkers } from "./markers.ts";
import { type Answer, opaque, type Verdict } from "./verdict.ts";
import { type Located, Walk } from "./walk.ts";
import type { Shared } from "./world.ts";

export interface Classification {
  /** Only `local` may run without a person. */
  answer: Answer;
  /** One sentence for a person or an agent: which word decides, and why. Safe to show. */
  reason: string;
  /** The word that decides, safe to show. */
  word?: string;
  /** From 1. */
  line?: number;
}

const maxBytes = 64 * 1024;
/** Words and nested scripts; far more than any command that a person could review. */
const budget = 200_000;

/**
 * What a shell command touches: `local` when every simple command in its syntax tree is a program that we know,
 * with options that keep it on this machine and in this project; `live` when it reaches a host or a cluster;
 * `exfil` when it carries a secret out; `opaque` for all that cannot be proven. Never throws; takes time linear
 * in the text, which may be 64 KB long.
 */
export function classifyCommand(text: string, facts: GuardFacts): Classification {
  const refused = refuseText(text);
  if (refused) return describe(refused);
  const shared: Shared = {
    facts,
    budget,
    secret: false,
    sent: null,
    calls: 0,
    traps: [],
    written: new Map(),
    commands: 0,
  };
  try {
    const found = new Walk(shared).judge(text.replaceAll("\r\n", "\n"));
    if (found === null)
      return { answer: "local", reason: "Every command in it is known to stay on this machine." };
    return describe(combine(found, shared));
  } catch (error) {
    if (error instanceof RangeError)
      return describe({ verdict: opaque("It is nested too deeply to be judged."), line: 1 });
    return describe({ verdict: opaque("It could not be parsed."), line: 1 });
  }
}

/** A secret that is read and something that is sent, in one command: taken for one act. */
function combine(found: Located, { secret, sent }: Shared): Located {
  if (!secret || sent === null || found.verdict.answer === "exfil") return found;
  const word = sent.word ?? "";
  const reason = `It reads a secret, and ${quoteUntrusted(word)} sends to another machine.`;
  return { ...found, verdict: { answer: "exfil", reason, word } };
}

/** What is refused before it is parsed. */
function refuseText(text: string): Located | null {
  if (Buffer.byteLength(text) > maxBytes) return { verdict: opaque("It is longer than 64 KB."), line: 1 };
  for (const { kind, offset } of scanHidden(text)) {
    const line = text.slice(0, offset).split("\n").length;
    return { verdict: opaque(`It holds a character that is not what it looks like (${kind}).`), line };
  }
  if (hasMarker(text)) return { verdict: opaque("It holds private-use characters."), line: 1 };
  if (/\\\r\n/.test(text) || (/<</.test(text) && /\r\n/.test(text) && /[^\r]\n/.test(text))) {
    return { verdict: opaque("Its line ends are read differently by different shells."), line: 1 };
  }
  return null;
}

function describe({ verdict, line }: Located): Classification {
  const { answer, word } = verdict;
  const reason = quoteReason(verdict);
  return word === undefined ? { answer, reason, line } : { answer, reason, line, word: shown(word) };
}

function quoteReason({ reason }: Verdict): string {
  return cutUntrusted(showMarkers(reason), 300);
}

function shown(word: string): string {
  return cutUntrusted(showMarkers(word));
}

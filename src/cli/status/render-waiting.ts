import { quoteWord } from "../../platform/quote.ts";
import { age, inQuotes, oneLine } from "../../session/brief-text.ts";
import type { Waiting } from "../../session/project-status.ts";
import { makeVisible } from "../../text/visible.ts";
import { clipToWidth } from "../../text/wrap.ts";
import type { Io } from "../io.ts";
import { typeable } from "../program-name.ts";
import { shortPath } from "../render-error.ts";
import { type Style, styleFor } from "../style.ts";
import { type Ends, shownName } from "./tell-apart.ts";

interface View {
  readonly width: number;
  /** The project in which the person stands. */
  readonly here: string | null;
  readonly ends: Ends;
  readonly io: Io;
}

/** Two lines: what waits, and what to type, from where the person stands. */
export function renderWaiting(item: Waiting, { width, here, ends, io }: View): string[] {
  const style = styleFor(io);
  const now = io.context.now();
  const mark = item.urgency.padEnd(5);
  const words = `${shownName(item.project, ends.get(item.root), 30)}: ${item.words}${sinceText(item, now)}`;
  const isOurs = item.kind === "project.broken" || item.kind === "projects.path";
  const title = isOurs ? oneLine(item.title, 200) : inQuotes(item.title, 200);
  const first = clipToWidth(`${mark} ${words}: ${title}`, width);
  const second = item.fix === undefined ? commandLine(item, here, io) : `fix: ${oneLine(item.fix, 200)}`;
  return [`${colour(item, style)(first.slice(0, 5))}${first.slice(5)}`, `      ${style.cyan(second)}`];
}

function colour({ urgency }: Waiting, style: Style): (text: string) => string {
  if (urgency === "now") return style.red;
  return urgency === "soon" ? style.yellow : style.dim;
}

/** `, 3 h`; nothing for what lies ahead or cannot be told. */
function sinceText({ since }: Waiting, now: Date): string {
  const time = since === undefined ? Number.NaN : Date.parse(since);
  return Number.isNaN(time) || time > now.getTime() ? "" : `, ${age(new Date(time), now)}`;
}

function commandLine(item: Waiting, here: string | null, io: Io): string {
  const command = typeable(io, item.command);
  if (item.root === here || item.kind === "project.gone") return makeVisible(command, { newlines: false });
  const path = shortPath(item.root, io.cwd);
  const folder = quoteWord(path.startsWith("-") ? `./${path}` : path);
  return makeVisible(`cd ${folder} && ${command}`, { newlines: false });
}

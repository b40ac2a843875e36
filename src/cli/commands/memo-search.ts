import { searchMemos } from "../../memo/search.ts";
import { parseTerms } from "../../memo/search-query.ts";
import type { SearchHit, SearchShare, SharedSearch } from "../../memo/search-share.ts";
import { makeVisible } from "../../text/visible.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { limitOption, readFilter } from "../memo/memo-filter.ts";
import { findMemoProjects } from "../memo/memo-projects.ts";
import { formatAge, renderRest, renderUnread } from "../memo/render-list.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { shortPath } from "../render-error.ts";
import { styleFor } from "../style.ts";
import { startThreads } from "../threads.ts";
import { oneOf } from "../values.ts";

const HITS_SHOWN = 20;
const STATES = ["new", "in progress", "ready", "archived", "sent"] as const;

export async function runMemoSearch(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const now = io.context.now();
  const query = {
    terms: parseTerms(args),
    filter: readFilter(options, now, STATES),
    sort: oneOf("sort", textOption(options, "sort") ?? "rank", ["rank", "date"]),
    limit: limitOption(options, HITS_SHOWN),
  };
  const projects = await findMemoProjects(io, options);
  const {
    hits,
    total,
    unread: unreadFiles,
  } = await searchMemos(projects.roots, query, now, (search) => startSearching(search, io));
  const unread = [...projects.unread, ...unreadFiles];
  const lines = [
    ...hits.map((hit) => renderHit(hit, io)),
    ...(total === 0 ? ["No memo holds all of these words."] : []),
    ...renderRest(hits.length, total, "memos", io),
    ...renderUnread(unread, "not searched", io),
  ];
  const files = unread.map(({ code, message, file }) => ({ code, message, file }));
  return outcome({ hits, total, unread: files }, lines.join("\n"));
}

/** Each begins as far from the others as can be. */
function startSearching(search: SharedSearch, { threadScript }: Io): Promise<SearchShare>[] {
  if (threadScript === undefined) return [];
  return startThreads(threadScript, "search", (thread, of) => ({
    search,
    from: Math.floor((search.folders.length * thread) / of),
  }));
}

function renderHit(hit: SearchHit, io: Io): string {
  const style = styleFor(io);
  const visible = (text: string) => makeVisible(text, { newlines: false });
  const about = hit.date === undefined ? [] : [hit.state, formatAge(hit.date, io.context.now()), hit.from];
  const more = hit.moreLines === 0 ? [] : [style.dim(`  … ${hit.moreLines} more`)];
  return [
    `${style.bold(visible(shortPath(hit.path, io.cwd)))}${style.dim(about.map((fact) => `  ${fact}`).join(""))}`,
    ...hit.lines.map(({ line, text }) => `  ${line}: ${visible(text)}`),
    ...more,
  ].join("\n");
}

import { type SharedSearch, searchShare } from "../memo/search-share.ts";

/** What a thread is asked for. */
export interface ThreadTask {
  readonly job: keyof typeof jobs;
  readonly input: unknown;
}

const jobs = {
  search: ({ search, from }: { search: SharedSearch; from: number }) => searchShare(search, from),
};

/** Does one task on a thread of its own; see {@link startThreads}. */
export function answer({ job, input }: ThreadTask): unknown {
  return jobs[job](input as never);
}

import type { MailAudit, MailRequest } from "../audit/mail.ts";
import { type SharedSearch, searchShare } from "../memo/search-share.ts";

/** What a thread is asked for. */
export interface ThreadTask {
  readonly job: keyof typeof jobs;
  readonly input: unknown;
}

const jobs = {
  search: ({ search, from }: { search: SharedSearch; from: number }) => searchShare(search, from),
  mail: async (request: MailRequest, tell: (told: unknown) => void): Promise<MailAudit> => {
    const { auditMail } = await import("../audit/mail.ts");
    return await auditMail(request, (done, of) => tell({ done, of }));
  },
};

/** Does one task on a thread of its own, and may tell how far it is; see {@link startThread}. */
export async function answer({ job, input }: ThreadTask, tell: (told: unknown) => void): Promise<unknown> {
  return await jobs[job](input as never, tell);
}

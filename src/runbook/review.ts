import type { CurrentContent } from "./current-content.ts";
import { documentPages } from "./review-document.ts";
import { filePage } from "./review-file.ts";
import type { ReviewPage } from "./review-line.ts";
import { lockPage } from "./review-lock.ts";
import { overviewPage } from "./review-overview.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";

/**
 * Everything that an approval covers, page by page: what it amounts to, the lock, the whole of runbook.md with what is known
 * about each command, and each file that is installed or called. It shows the bytes that were hashed and reads nothing.
 */
export function reviewPages(loaded: LoadedRunbook, current: CurrentContent): ReviewPage[] {
  return [
    overviewPage(loaded, current),
    lockPage(loaded.runbook, current),
    ...documentPages(loaded.runbook, current),
    ...loaded.runbook.files.map((path) => filePage(path, current.files)),
  ];
}

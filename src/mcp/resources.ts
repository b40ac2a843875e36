import { markUntrusted } from "../agent/untrusted.ts";
import { Exit, VibeopsError } from "../errors.ts";
import { formatAddress } from "../memo/address.ts";
import { findAnywhere, readInbox } from "../memo/mailbox.ts";
import type { Context } from "../platform/context.ts";
import { loadProject } from "../project/project.ts";
import { listRunbookIds, loadRunbook } from "../runbook/runbook-folder.ts";
import { readState } from "../state/state.ts";
import { redactSecrets } from "../text/secrets.ts";

const MARKDOWN = "text/markdown";

/** What a client can show or hand to a model: STATE.md, the pending memos, the runbooks. */
export function listResources(root: string, context: Pick<Context, "now">) {
  const project = loadProject(root);
  return [
    { uri: "vibeops://state", name: "STATE.md: where things stand", mimeType: MARKDOWN },
    ...readInbox(root, context.now()).memos.map(({ memo }) => {
      return { uri: `vibeops://memos/${memo.id}`, name: `memo ${memo.id}`, mimeType: MARKDOWN };
    }),
    ...listRunbookIds(project).map((id) => {
      return { uri: `vibeops://runbooks/${id}`, name: `runbook ${id}`, mimeType: MARKDOWN };
    }),
  ];
}

/** @throws VibeopsError `resource.missing`, and what reading it throws */
export function readResource(root: string, context: Pick<Context, "now">, boundary: string, uri: string) {
  const [, kind, id = ""] = /^vibeops:\/\/(state|memos|runbooks)(?:\/([0-9A-Za-z-]+))?$/.exec(uri) ?? [];
  const [source, text] = read(root, context, kind, id);
  return { uri, mimeType: MARKDOWN, text: markUntrusted(boundary, source, redactSecrets(text)) };
}

function read(
  root: string,
  context: Pick<Context, "now">,
  kind: string | undefined,
  id: string,
): [string, string] {
  if (kind === "state") return ["STATE.md", readState({ root })?.text ?? ""];
  if (kind === "memos" && id !== "") {
    const { memo } = findAnywhere(root, id, context.now());
    return [`memo ${memo.id} from ${formatAddress(memo.from)}`, memo.text];
  }
  const project = loadProject(root);
  if (kind === "runbooks" && listRunbookIds(project).includes(id)) {
    return [`runbook ${id}`, loadRunbook(project, id).runbook.text];
  }
  throw new VibeopsError({
    code: "resource.missing",
    exit: Exit.notFound,
    message: "there is no such resource",
    fix: "list the resources again",
  });
}

import type { DeploymentBlock } from "../memo/deployment.ts";

// What follows from a deployment block without deciding anything.

export function hasDomains(block: DeploymentBlock): boolean {
  return (block.domains ?? []).length > 0;
}

/** The path that answers for the service's health where the proxy reaches it; not one on a port of its own. */
export function proxiedHealthPath(
  block: DeploymentBlock,
  containerPort: number | undefined,
): string | undefined {
  const { path, port } = block.health ?? {};
  return port === undefined || port === containerPort ? path : undefined;
}

/** `none`, `no schema changes`, `not needed`: a no, and nothing behind it that says otherwise. */
const NOTHING_MIGRATES =
  /^(?:none|no|not|nothing|false|n\/a)(?: (?:data|database|schema|db|migrations?|changes?|needed|required|necessary|applicable|to migrate|at all))*\.?$/i;

/** What migrates, in the memo's words, behind the command that does it; null where nothing does, or where nobody said. */
export function findMigration(block: DeploymentBlock): string | null {
  const artifact = (block.artifacts ?? []).find((candidate) => "migration" in candidate);
  const stated = block.data?.migrations;
  const said = stated === undefined || NOTHING_MIGRATES.test(stated.trim()) ? null : stated;
  if (artifact === undefined) return said;
  return said === null ? artifact.migration : `${artifact.migration}: ${said}`;
}

/** Begins with a program and has an option, a path, a pipe or a redirection: a sentence about backups has none. */
const COMMAND = /^[a-z0-9_./-]+ (?:.* )?(?:-{1,2}[a-zA-Z]|[|>/]|\S+\/)/;

/** The memo's backup commands: of the data as a whole, then of single volumes. */
export function listBackupCommands(block: DeploymentBlock): string[] {
  return listBackupTexts(block).filter((text) => COMMAND.test(text));
}

/** What the memo says of backups without naming a command. */
export function listBackupNotes(block: DeploymentBlock): string[] {
  return listBackupTexts(block).filter((text) => !COMMAND.test(text));
}

function listBackupTexts(block: DeploymentBlock): string[] {
  const texts = [block.data?.backup, ...(block.volumes ?? []).map((volume) => volume.backup)];
  return texts.filter((text) => text !== undefined);
}

/** An address that the memo wants asked, and what must come back. */
export interface WantedCheck {
  readonly url: string;
  readonly expect?: string;
}

/**
 * The memo's own verifications that can be asked as they are. A path counts from `site`; without one, and with a
 * password in the address, there is nothing to ask.
 */
export function listWantedChecks(block: DeploymentBlock, site: string | null): WantedCheck[] {
  return (block.verify ?? []).flatMap(({ url, path, expect }) => {
    const address = url ?? (site === null || path === undefined ? undefined : `${site}${path}`);
    if (address === undefined || !isPlainAddress(address) || expect?.includes("`") === true) return [];
    return [{ url: address, ...(expect === undefined ? {} : { expect }) }];
  });
}

/** The words that the memo wants in the answer of this path: a stranger that holds the port would not say them. */
export function expectedWords(block: DeploymentBlock, path: string): string | undefined {
  const wanted = (block.verify ?? []).filter((check) => check.path === path && check.url === undefined);
  return wanted.map(({ expect }) => expect).find((words) => words !== undefined && !words.includes("`"));
}

function isPlainAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { username, password } = new URL(address);
  return username === "" && password === "";
}

import { quoteCommand, quoteWord } from "../../platform/quote.ts";
import { hasDomains } from "../block-facts.ts";
import { render } from "../catalogue.ts";
import type { PreparedFile } from "../file-plan.ts";
import { codeSpan, listInWords } from "../markdown-text.ts";
import { answerChecks, everywhere, flowText, ownerWords, previousWords } from "../plan-words.ts";
import { planSite, writeSite } from "../sites/site.ts";
import { formatFileList, type StaticFiles } from "../static-files.ts";
import { siteValues } from "./site-values.ts";
import { goingBackValues, type Target, type TargetInput } from "./target.ts";

/**
 * Files behind the host's proxy. A person brings them to a folder of their own; what is served is switched to it in one
 * move, once the host has compared every file with the list that was approved.
 */
export const staticTarget: Target = { writeFiles, installedFiles, writePlan };

function writeFiles({ situation, memo, find, files }: TargetInput): PreparedFile[] {
  const site = writeSite(situation, "files", { memo }, find);
  const list =
    files === null ? [] : [{ path: listPath(situation.block.service), content: formatFileList(files) }];
  return [...list, ...(site === null ? [] : [site])];
}

function installedFiles(input: TargetInput): string[] {
  const site = planSite({ ...input, behind: "files" })?.files ?? [];
  return [listPath(input.situation.block.service), ...site];
}

function listPath(service: string): string {
  return `deploy/${service}/files.sha256`;
}

function writePlan(input: TargetInput): string | null {
  const { situation, find, files } = input;
  const { block, place } = situation;
  if (files === null) return null;
  const release = `${place.directory}/releases/${block.version}`;
  return render(find, "deploy/static/runbook.md", {
    service: block.service,
    version: block.version,
    "version.yaml": flowText(block.version),
    host: place.hostName,
    domains: hasDomains(block) ? listInWords(block.domains ?? []) : "",
    count: String(files.files.length),
    committed: files.committed,
    commit: situation.commit ?? "",
    ...everywhere("folder", files.folder),
    ...everywhere("directory", place.directory),
    ...everywhere("current", `${place.directory}/current`),
    "link.sh": quoteWord(`releases/${block.version}`),
    ...everywhere("keep", `${place.directory}/.vibeops`),
    ...everywhere("release", release),
    ...everywhere("list", listPath(block.service)),
    ...everywhere("installed", `${release}.sha256`),
    bring: codeSpan(bringCommand(input, files, release)),
    page: pageCheck(input, files),
    ...goingBackValues(input),
    ...siteValues(planSite({ ...input, behind: "files" })),
    ...answerChecks(situation),
    previous: previousWords(situation),
    owner: ownerWords(situation),
  });
}

/** How a person brings the files to the host, from the project's folder; the switch proves that they are the ones. */
function bringCommand(
  { situation }: TargetInput,
  { folder, committed, below = "" }: StaticFiles,
  release: string,
): string {
  const { place, repository, commit } = situation;
  const from = repository ?? ".";
  // A tree is named from the top of its repository, and packed from there.
  const up = below.split("/").filter((part) => part !== "");
  const tree = [...up, folder].filter((part) => part !== ".").join("/");
  const pack = committed
    ? [
        ...["git", "-C", [from, ...up.map(() => "..")].join("/"), "archive", "--format=tar"],
        tree === "" ? `${commit}` : `${commit}:${tree}`,
      ]
    : ["tar", "-c", "-C", folder === "." ? from : `${from}/${folder}`, "."];
  const unpack = `mkdir -p ${quoteWord(release)} && tar -x -C ${quoteWord(release)}`;
  const there =
    place.host.transport === "local"
      ? ["sh", "-c", unpack]
      : ["ssh", place.host.address ?? place.hostName, unpack];
  return `${quoteCommand(pack)} | ${quoteCommand(there)}`;
}

/** That the front page is the new one, byte for byte; false where there is none, or no name to ask by. */
function pageCheck({ situation: { block } }: TargetInput, { files }: StaticFiles) {
  const domain = block.domains?.find((name) => !name.startsWith("*"));
  const index = files.find((file) => file.path === "index.html");
  if (domain === undefined || index === undefined) return false;
  return { url: quoteWord(`https://${domain}/`), hash: index.sha256 };
}

import { renderTemplate } from "../text/template.ts";
import { isPublished } from "./answer-roots.ts";
import { hasDomains } from "./block-facts.ts";
import { type FindTemplate, readQuestions } from "./catalogue.ts";
import { missingFacts } from "./dockerfile/dockerfile.ts";
import type { Stack } from "./dockerfile/stack.ts";
import { codeSpan, listInWords } from "./markdown-text.ts";
import { askQuestions, type Question } from "./questions.ts";
import { isCaddy, servesFiles } from "./sites/site.ts";
import type { Situation } from "./situation.ts";
import type { StaticFiles } from "./static-files.ts";
import { staticFolderOf, targetKindOf } from "./target-kind.ts";

const CATALOGUE = "deploy/target-questions.yaml";

type Values = Readonly<Record<string, string>>;

/** What files behind a proxy have no use for: they run nothing, and keep nothing. */
const NOT_OF_FILES =
  /^(?:image|command|port|health|env|secrets|stateful|volumes|backup|restore|migrations|memory|cpus|dependency|source)-|^(?:commit|repository)-missing$|^traffic$/;

/** Whether a general question matters to this target and this proxy. */
function isApt(situation: Situation, id: string): boolean {
  if (targetKindOf(situation) === "static" && NOT_OF_FILES.test(id)) return false;
  // Where labels lead the proxy to the container, no port of the host is taken.
  if (["port-host", "port-taken"].includes(id)) return isPublished(situation);
  // It asks whether Caddy may get one.
  if (id === "certificate") return isCaddy(situation.place.host.proxy?.kind ?? "caddy");
  return true;
}

/**
 * All that is open: the questions that every deployment has, without those that do not matter to what is deployed here,
 * and what its target, its files and its proxy want to know besides. Blocking ones first.
 *
 * @throws VibeopsError as askQuestions
 */
export function askForTarget(
  situation: Situation,
  { files, stack }: { readonly files: StaticFiles | null; readonly stack: Stack | null },
  find: FindTemplate,
): Question[] {
  const isFiles = targetKindOf(situation) === "static";
  const general = askQuestions(situation, find).filter(({ id }) => isApt(situation, id));
  const own = [
    ...(isFiles ? askAboutFiles(situation, files) : []),
    ...askAboutProxy(situation),
    ...(stack === null ? [] : askAboutDockerfile(situation, stack)),
  ];
  const all = [...own.map(([id, values]) => fillIn(id, values, situation, find)), ...general];
  return all.toSorted((one, other) => Number(other.blocking) - Number(one.blocking));
}

type Asked = readonly [id: string, values: Values];

function askAboutFiles(situation: Situation, files: StaticFiles | null): Asked[] {
  const folder = staticFolderOf(situation.block);
  const { block, place, repository, commit } = situation;
  const named = codeSpan(folder ?? "");
  const hidden = (files?.files ?? []).map(({ path }) => path).filter(isHidden);
  const asked: [string, Values, boolean][] = [
    ["static-missing", {}, folder === undefined],
    [
      "static-nowhere",
      { folder: named, repository: codeSpan(repository ?? "") },
      folder !== undefined && repository !== null && files === null,
    ],
    ["static-repository", {}, folder !== undefined && repository === null],
    ["static-built", { folder: named }, files?.committed === false],
    ["static-commit", {}, commit === null],
    ["static-hidden", { files: listInWords(hidden.slice(0, 5).map(codeSpan)) }, hidden.length > 0],
    ["static-proxy", {}, !servesFiles(place.host.proxy?.kind ?? "caddy")],
    ["static-site", {}, hasDomains(block) && place.host.proxy === undefined],
    ["static-fallback", {}, files !== null],
    ["static-traffic", {}, true],
  ];
  return asked.flatMap(([id, values, applies]) => (applies ? [[id, values]] : []));
}

/** A name that begins with a dot is rarely meant for the world; `.well-known` always is (RFC 8615). */
function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") && part !== ".well-known");
}

function askAboutDockerfile(situation: Situation, stack: Stack): Asked[] {
  const evidence = codeSpan(stack.evidence);
  const range = stack.range === null ? "nothing" : codeSpan(stack.range);
  const values = { evidence, range, assets: codeSpan(stack.assets ?? "") };
  return [...missingFacts(situation, stack), "dockerfile-review"].map((id) => [id, values]);
}

function askAboutProxy({ block, place }: Situation): Asked[] {
  const { proxy } = place.host;
  if (!hasDomains(block)) return [];
  const wildcards = (block.domains ?? []).filter((domain) => domain.startsWith("*"));
  if (isCaddy(proxy?.kind ?? "caddy"))
    return wildcards.map((domain): Asked => ["caddy-wildcard", { domain: codeSpan(domain) }]);
  if (proxy?.kind === "nginx") return [["nginx-certificate", { domains: listInWords(block.domains ?? []) }]];
  if (proxy?.kind !== "traefik") return [];
  return [
    ...(proxy.resolver === undefined ? [["traefik-resolver", {}] satisfies Asked] : []),
    ...wildcards.map((domain): Asked => ["traefik-wildcard", { domain: codeSpan(domain) }]),
  ];
}

function fillIn(id: string, values: Values, { block, place }: Situation, find: FindTemplate): Question {
  const { file } = find(CATALOGUE);
  const entry = readQuestions(find, CATALOGUE)[id];
  if (entry === undefined) throw new Error(`${file} has no question '${id}'`);
  const all = { service: block.service, version: block.version, host: place.hostName, ...values };
  const { field, to, blocking } = entry;
  return {
    id,
    question: renderTemplate(entry.question, all, file),
    why: renderTemplate(entry.why, all, file),
    ...(field === undefined ? {} : { field }),
    to,
    blocking,
  };
}

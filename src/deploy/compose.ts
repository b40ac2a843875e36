import type { DeploymentBlock } from "../memo/deployment.ts";
import type { TemplateValues } from "../text/template.ts";
import { type FindTemplate, render } from "./catalogue.ts";
import { DEPENDENCY_LIMITS, type Dependency, listDependencies } from "./dependencies.ts";
import { ENTRYPOINT_CAPABILITIES } from "./known-images.ts";
import type { Question } from "./questions.ts";
import type { Settings } from "./settings.ts";
import { sharesNetwork, usesLabels } from "./sites/shared-network.ts";
import { traefikRule } from "./sites/site.ts";
import type { Situation } from "./situation.ts";
import { findDependencyVolume, listAllVolumes, listVolumes, type NamedVolume } from "./volumes.ts";
import { yamlList, yamlScalar } from "./yaml-scalar.ts";

/**
 * The Compose file of a deployment. Every value from the memo is written as one YAML string, in which Compose
 * fills in nothing. Where the image is not known yet, a required variable stands in its place: Compose then
 * refuses to start, and says why.
 */
export function writeCompose(
  situation: Situation,
  questions: readonly Question[],
  header: { readonly memo: string },
  find: FindTemplate,
): string {
  const { block, place, settings } = situation;
  const dependencies = listDependencies(block).filter(({ image }) => image?.kind === "pinned");
  const volumes = listVolumes(block);
  const named = listAllVolumes(block);
  return render(find, "deploy/compose/compose.yaml", {
    service: block.service,
    "service.yaml": yamlScalar(block.service),
    version: block.version,
    host: place.hostName,
    memo: header.memo,
    ...imageValues(settings, questions),
    command: settings.command === null ? "" : yamlList(settings.command),
    lowPort: settings.port !== null && settings.port.container < 1024,
    port: settings.port === null || sharesNetwork(situation) ? false : portValues(settings),
    labels: labelValues(situation),
    shared:
      place.host.proxy?.kind === "caddy-compose" && sharesNetwork(situation)
        ? { network: yamlScalar(place.host.proxy.network) }
        : false,
    memory: settings.memory.value,
    cpus: String(settings.cpus.value),
    pids: String(settings.pids),
    assumed: limitQuestions(questions),
    envFile: (block.env ?? []).length > 0 ? `${block.service}.env` : "",
    tmp: !volumes.some(({ path }) => /^\/tmp\/*$/.test(path)),
    hasVolumes: volumes.length > 0,
    volumes: volumes.map(mountOf),
    hasDependencies: dependencies.length > 0,
    dependencies: dependencies.map((dependency) => dependencyValues(block, dependency)),
    health: block.health?.command === undefined ? "" : yamlList(["CMD", ...block.health.command]),
    healthQuestion: questionText(questions, "health-command") || questionText(questions, "health-missing"),
    hasNamedVolumes: named.length > 0,
    namedVolumes: named.map(({ key, name }) => ({ key: yamlScalar(key), volume: yamlScalar(name) })),
  });
}

function imageValues(settings: Settings, questions: readonly Question[]): TemplateValues {
  if (settings.image?.kind === "pinned")
    return { image: yamlScalar(settings.image.reference), imageQuestion: "" };
  const open = questions.find((question) => question.id.startsWith("image-"));
  // Read by Compose as a required variable without a value: it stops there.
  return { image: '"$' + '{IMAGE:?which image is an open question}"', imageQuestion: open?.question ?? "" };
}

function portValues(settings: Settings): TemplateValues {
  return { published: String(settings.port?.host), container: String(settings.port?.container) };
}

/** False where no proxy reads labels, or there is nothing to lead to. */
function labelValues(situation: Situation): TemplateValues | false {
  const { block, place, settings } = situation;
  const { proxy } = place.host;
  const domains = (block.domains ?? []).filter((domain) => !domain.startsWith("*"));
  if (proxy?.kind !== "traefik" || proxy.network === undefined || !usesLabels(situation)) return false;
  return {
    network: yamlScalar(proxy.network),
    rule: traefikRule(domains),
    entrypoint: yamlScalar(proxy.entrypoint),
    resolver: proxy.resolver === undefined ? "" : yamlScalar(proxy.resolver),
    container: String(settings.port?.container),
  };
}

function limitQuestions(questions: readonly Question[]): string[] {
  return ["memory-missing", "cpus-missing"]
    .map((id) => questionText(questions, id))
    .filter((text) => text !== "");
}

function questionText(questions: readonly Question[], id: string): string {
  return questions.find((question) => question.id === id)?.question ?? "";
}

/** One letter before a colon is a drive of Windows to Compose, so a short name takes the long form. */
function mountOf({ key, path }: NamedVolume): string {
  if (key.length > 1) return yamlScalar(`${key}:${path}`);
  return `{ type: volume, source: ${yamlScalar(key)}, target: ${yamlScalar(path)} }`;
}

function dependencyValues(block: DeploymentBlock, dependency: Dependency): TemplateValues {
  const { name, image, known } = dependency;
  const volume = findDependencyVolume(block, dependency);
  return {
    dependency: name,
    "dependency.yaml": yamlScalar(name),
    image: yamlScalar(image?.kind === "pinned" ? image.reference : ""),
    condition: known === undefined ? "service_started" : "service_healthy",
    scratch: known?.scratch ?? [],
    capabilities: yamlList(ENTRYPOINT_CAPABILITIES),
    memory: DEPENDENCY_LIMITS.memory,
    cpus: String(DEPENDENCY_LIMITS.cpus),
    envFile: (known?.env ?? []).length > 0 ? `${name}.env` : "",
    volume: volume === undefined ? "" : mountOf(volume),
    health: known === undefined ? "" : yamlList(["CMD", ...known.health]),
  };
}

import { VibeopsError } from "../errors.ts";
import type { DeploymentBlock } from "../memo/deployment.ts";
import { renderTemplate } from "../text/template.ts";
import { answerRoots } from "./answer-roots.ts";
import { findMigration, hasDomains, listBackupCommands, listWantedChecks } from "./block-facts.ts";
import { type FindTemplate, type QuestionEntry, readQuestions } from "./catalogue.ts";
import { DEPENDENCY_LIMITS, listDependencies } from "./dependencies.ts";
import { codeSpan, listInWords } from "./markdown-text.ts";
import type { Place } from "./place.ts";
import type { Situation } from "./situation.ts";
import { keepsData, listAllVolumes } from "./volumes.ts";

/** A fact that matters and that nobody stated. */
export interface Question {
  /** Stable: `memory-missing`, `dependency-image:db`. */
  id: string;
  /** Markdown on one line; what comes from the memo stands in code spans. */
  question: string;
  why: string;
  /** Where the answer belongs in the deployment block; none where it is the operator's. */
  field?: string;
  to: "sender" | "operator";
  /** The runbook cannot be carried out, or must not be, without the answer. */
  blocking: boolean;
}

type Values = Readonly<Record<string, string>>;
/** Each set of values is one question; none means that it is answered, or does not matter here. */
type Rule = (situation: Situation) => readonly Values[];

const answered: readonly Values[] = [];

function askIf(condition: boolean, values: Values = {}): readonly Values[] {
  return condition ? [values] : answered;
}

const isCompose = ({ place }: Situation) => place.host.runtime === "compose";

const edited: Readonly<Record<string, Rule>> = {
  "file-edited": (s) => s.kept.map((path) => ({ file: codeSpan(path), dependency: path })),
};

const move: Readonly<Record<string, Rule>> = {
  "host-moved": ({ cameFrom }) => (cameFrom === undefined ? answered : [{ before: cameFrom }]),
};

const image: Readonly<Record<string, Rule>> = {
  "image-missing": (s) => askIf(isCompose(s) && s.settings.image === null),
  "image-unpinned": (s) => {
    const { image } = s.settings;
    return isCompose(s) && image?.kind === "unpinned" ? [{ image: codeSpan(image.reference) }] : answered;
  },
  "image-invalid": (s) => {
    const { image } = s.settings;
    return isCompose(s) && image?.kind === "invalid" ? [{ image: codeSpan(image.text) }] : answered;
  },
  "image-later": (s) => askIf(!isCompose(s) && s.settings.image?.kind !== "pinned"),
  "images-several": (s) => {
    const { images } = s.settings;
    return askIf(isCompose(s) && images.length > 1, {
      count: String(images.length),
      image: codeSpan(images[0] ?? ""),
    });
  },
};

const source: Readonly<Record<string, Rule>> = {
  "command-missing": (s) => askIf(!isCompose(s) && s.settings.command === null),
  "repository-missing": (s) => askIf(!isCompose(s) && s.repository === null),
  "commit-missing": (s) => askIf(!isCompose(s) && s.commit === null),
  "source-missing": (s) => askIf(isCompose(s) && s.block.source?.commit === undefined),
  "author-missing": ({ block }) => askIf(block.source?.author === undefined),
  "tests-missing": ({ block }) => askIf(block.tests === undefined),
};

const network: Readonly<Record<string, Rule>> = {
  "port-missing": ({ block, settings }) => askIf(settings.port === null && block.ports === undefined),
  "port-host": ({ settings: { port } }) =>
    port === null ? answered : [{ port: String(port.host), reason: port.reason }],
  "port-taken": ({ settings: { port } }) =>
    port?.isTaken === true ? [{ port: String(port.host), container: String(port.container) }] : answered,
  "port-others": (s) => {
    const led = (s.block.ports ?? []).find(({ protocol }) => protocol !== "udp");
    const others = (s.block.ports ?? []).filter((port) => port !== led);
    const words = others.map(({ container, protocol = "tcp" }) => codeSpan(`${container}/${protocol}`));
    return askIf(isCompose(s) && words.length > 0, { ports: listInWords(words) });
  },
  "verify-unusable": (s) => {
    const { local, site } = answerRoots(s);
    const missing = (s.block.verify ?? []).length - listWantedChecks(s.block, site ?? local).length;
    return askIf(missing > 0, { count: String(missing) });
  },
  "domains-missing": ({ block }) => askIf(block.domains === undefined),
  dns: ({ block }) => askIf(hasDomains(block), { domains: domainList(block) }),
  certificate: ({ block }) =>
    askIf(hasDomains(block) && block.certificates === undefined, { domains: domainList(block) }),
  "proxy-missing": (s) =>
    askIf(isCompose(s) && hasDomains(s.block) && s.place.host.proxy === undefined, {
      domains: domainList(s.block),
    }),
};

const health: Readonly<Record<string, Rule>> = {
  "health-missing": ({ block }) =>
    askIf(block.health?.path === undefined && block.health?.command === undefined),
  "health-command": (s) => {
    const { health } = s.block;
    if (!isCompose(s) || health?.path === undefined || health.command !== undefined) return answered;
    return [{ path: health.path, port: String(health.port ?? s.settings.port?.container ?? "") }];
  },
};

const environment: Readonly<Record<string, Rule>> = {
  "env-missing": ({ block }) => askIf(block.env === undefined),
  "secrets-place": ({ block, place }) => {
    const names = (block.env ?? []).filter((variable) => variable.secret).map((variable) => variable.name);
    return askIf(names.length > 0, { names: listInWords(names), file: envFileOf(place) });
  },
};

const data: Readonly<Record<string, Rule>> = {
  "stateful-missing": ({ block }) => askIf(block.data?.stateful === undefined),
  "volumes-missing": (s) =>
    askIf(isCompose(s) && s.block.data?.stateful === true && (s.block.volumes ?? []).length === 0),
  "backup-missing": ({ block }) =>
    askIf(keepsData(block) && listBackupCommands(block).length === 0, {
      what: listAllVolumes(block).length > 0 ? "A volume" : "Data",
    }),
  "restore-missing": ({ block }) => askIf(keepsData(block) && block.rollback?.data === undefined),
  "migrations-missing": ({ block }) => askIf(keepsData(block) && block.data?.migrations === undefined),
  "migrations-reversible": ({ block }) =>
    askIf(findMigration(block) !== null && block.rollback?.data === undefined),
};

const operation: Readonly<Record<string, Rule>> = {
  "rollback-missing": ({ block, place }) =>
    askIf(block.rollback?.to === undefined, { default: `whatever runs on ${place.hostName} before it` }),
  "owner-missing": ({ block, place }) => askIf((block.owner ?? place.entry?.owner) === undefined),
  "memory-missing": (s) =>
    askIf(isCompose(s) && s.settings.memory.assumed, { default: s.settings.memory.value }),
  "cpus-missing": (s) =>
    askIf(isCompose(s) && s.settings.cpus.assumed, { default: String(s.settings.cpus.value) }),
  "cpus-host": (s) => {
    const has = s.place.host.cpus;
    const { value } = s.settings.cpus;
    return has !== undefined && isCompose(s) && value > has
      ? [{ cpus: String(value), has: String(has) }]
      : answered;
  },
  traffic: ({ block }) => askIf(block.traffic === undefined || block.downtime === undefined),
  cost: ({ block }) => askIf(block.cost?.limit === undefined),
};

const dependencies: Readonly<Record<string, Rule>> = {
  "dependency-image": (s) =>
    listDependencies(s.block)
      .filter(({ image }) => image?.kind !== "pinned")
      .map(({ name }) => ({ dependency: name })),
  "dependency-resources": (s) =>
    listDependencies(s.block)
      .filter(({ image }) => isCompose(s) && image?.kind === "pinned")
      .map(({ name }) => ({
        dependency: name,
        default: `${DEPENDENCY_LIMITS.memory} and ${DEPENDENCY_LIMITS.cpus} CPUs`,
      })),
  "dependency-data": (s) =>
    listDependencies(s.block).flatMap(({ name, image, known }) =>
      image?.kind === "pinned" && known === undefined
        ? [{ dependency: name, image: codeSpan(image.reference) }]
        : [],
    ),
};

const RULES: Readonly<Record<string, Rule>> = {
  ...edited,
  ...move,
  ...image,
  ...source,
  ...network,
  ...health,
  ...environment,
  ...data,
  ...operation,
  ...dependencies,
};

/**
 * What is open: blocking questions first, otherwise in the order of deploy/questions.yaml. Nothing is ever
 * answered here.
 *
 * @throws VibeopsError `deploy.questions` when a template of one's own lacks a question; as renderTemplate
 */
export function askQuestions(situation: Situation, find: FindTemplate): Question[] {
  const catalogue = readQuestions(find);
  const { service, version } = situation.block;
  const common = { service, version, host: situation.place.hostName };
  const order = Object.keys(catalogue);
  const { file } = find("deploy/questions.yaml");
  const questions = Object.entries(RULES)
    .toSorted(([one], [other]) => order.indexOf(one) - order.indexOf(other))
    .flatMap(([id, rule]) =>
      rule(situation).map((values) => fillIn(id, catalogue[id], { ...common, ...values }, file)),
    );
  return questions.toSorted((one, other) => Number(other.blocking) - Number(one.blocking));
}

function fillIn(id: string, entry: QuestionEntry | undefined, values: Values, file: string): Question {
  if (entry === undefined) throw missingQuestion(id, file);
  const { field, to, blocking } = entry;
  return {
    id: values.dependency === undefined ? id : `${id}:${values.dependency}`,
    question: renderTemplate(entry.question, values, file),
    why: renderTemplate(entry.why, values, file),
    ...(field === undefined ? {} : { field }),
    to,
    blocking,
  };
}

function missingQuestion(id: string, file: string): VibeopsError {
  return new VibeopsError({
    code: "deploy.questions",
    exit: 4,
    message: `there is no question '${id}'`,
    file,
    fix: `copy the entry ${id} from the questions.yaml that came with vibeops`,
  });
}

/** Where a person puts the variables on the host. */
export function envFileOf(place: Place): string {
  return `${place.directory}/${place.service}.env`;
}

function domainList(block: DeploymentBlock): string {
  return listInWords(block.domains ?? []);
}

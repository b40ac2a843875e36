import type { DeploymentBlock } from "../memo/deployment.ts";
import { renderTemplate } from "../text/template.ts";
import { findMigration, listBackupCommands } from "./block-facts.ts";
import { type FindTemplate, readRisks } from "./catalogue.ts";
import { formatBytes, readBytes } from "./compose-file/amounts.ts";
import { DEPENDENCY_LIMITS, listDependencies } from "./dependencies.ts";
import { codeSpan, listInWords } from "./markdown-text.ts";
import { envFileOf } from "./questions.ts";
import type { Situation } from "./situation.ts";
import { targetKindOf } from "./target-kind.ts";
import { keepsData } from "./volumes.ts";

interface Risk {
  readonly id: string;
  readonly applies: boolean;
  readonly values?: Readonly<Record<string, string>>;
}

/** What the approver weighs, as Markdown sentences; from the block alone, so nothing here is a judgement. */
export function listRisks(situation: Situation, find: FindTemplate): string[] {
  const sentences = readRisks(find);
  const { file } = find("deploy/risks.yaml");
  return [...changeRisks(situation.block), ...dataRisks(situation), ...runRisks(situation)]
    .filter((risk) => risk.applies)
    .map(({ id, values }) =>
      renderTemplate(sentences[id] ?? "", { service: situation.block.service, ...values }, file),
    )
    .filter((sentence) => sentence !== "");
}

function changeRisks({ source, tests }: DeploymentBlock): Risk[] {
  const tool = source?.tool === undefined ? "" : ` (${codeSpan(source.tool)})`;
  return [
    { id: "ai-author", applies: source?.author === "ai", values: { tool } },
    { id: "mixed-author", applies: source?.author === "mixed", values: { tool } },
    { id: "author-unknown", applies: source?.author === undefined },
    { id: "tests-missing", applies: tests === undefined },
    {
      id: "tests",
      applies: tests?.command !== undefined,
      values: { command: codeSpan(tests?.command ?? "") },
    },
    {
      id: "coverage",
      applies: tests?.coverage !== undefined,
      values: { coverage: String(tests?.coverage) },
    },
  ];
}

function dataRisks({ block, place }: Situation): Risk[] {
  const { data } = block;
  const files = targetKindOf({ block, place }) === "static";
  const migration = findMigration(block);
  const secrets = (block.env ?? []).filter((variable) => variable.secret).map((variable) => variable.name);
  return [
    { id: "stateful", applies: keepsData(block) },
    { id: "stateful-unknown", applies: !files && data?.stateful === undefined && !keepsData(block) },
    { id: "no-backup", applies: keepsData(block) && listBackupCommands(block).length === 0 },
    {
      id: "migrations",
      applies: migration !== null,
      values: { migrations: codeSpan(migration ?? "") },
    },
    {
      id: "secrets",
      applies: secrets.length > 0,
      values: { names: listInWords(secrets), file: envFileOf(place) },
    },
  ];
}

function runRisks(situation: Situation): Risk[] {
  const { block, settings } = situation;
  const kind = targetKindOf(situation);
  const compose = kind === "compose";
  const assumed = [
    ...(settings.memory.assumed ? [`${settings.memory.value} of memory`] : []),
    ...(settings.cpus.assumed ? [`${settings.cpus.value} CPUs`] : []),
  ];
  return [
    { id: "away", applies: kind !== "static" },
    { id: "source", applies: kind === "process" },
    { id: "tag", applies: compose && settings.image?.kind === "pinned" && !settings.image.digest },
    { id: "read-only", applies: compose },
    {
      id: "no-health",
      applies: kind !== "static" && block.health?.path === undefined && block.health?.command === undefined,
    },
    {
      id: "limits",
      applies: compose && assumed.length > 0,
      values: { limits: listInWords(assumed) },
    },
    ...capacityRisk(situation),
    { id: "images", applies: compose && settings.images.length > 1 },
  ];
}

/** Where the host's size is known: whether all limits together still fit. */
function capacityRisk({ block, place, settings, others }: Situation): Risk[] {
  const has = readBytes(place.host.memory ?? "");
  if (has === null || others === undefined || place.host.runtime !== "compose") return [];
  const beside = listDependencies(block).length * (readBytes(DEPENDENCY_LIMITS.memory) ?? 0);
  const sum = others + beside + (readBytes(settings.memory.value) ?? 0);
  const values = { host: place.hostName, sum: formatBytes(sum), has: formatBytes(has) };
  return [{ id: "capacity", applies: sum > has, values }];
}

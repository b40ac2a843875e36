import { quoteCommand, quoteWord } from "../../platform/quote.ts";
import { findMigration, hasDomains, listBackupCommands, listBackupNotes } from "../block-facts.ts";
import { render } from "../catalogue.ts";
import { writeCompose } from "../compose.ts";
import { listElsewhere } from "../dependencies.ts";
import { writeDockerfile } from "../dockerfile/dockerfile.ts";
import { writeEnvCheck } from "../env-check.ts";
import { listEnvFiles, writeEnvExample } from "../env-file.ts";
import type { PreparedFile } from "../file-plan.ts";
import { codeSpan, listInWords } from "../markdown-text.ts";
import type { Place } from "../place.ts";
import { answerChecks, everywhere, ownerWords, previousWords, wayBackForData } from "../plan-words.ts";
import { writeCaddyProject } from "../sites/caddy-project.ts";
import { planSite, writeSite } from "../sites/site.ts";
import { keepsData, listAllVolumes } from "../volumes.ts";
import { siteValues } from "./site-values.ts";
import { goingBackValues, type Target, type TargetInput } from "./target.ts";

/** A host with Docker Compose, and a Caddy in front where the inventory names one. */
export const composeTarget: Target = { writeFiles, installedFiles, writePlan };

function writeFiles({ situation, questions, memo, stack, find }: TargetInput): PreparedFile[] {
  const folder = `deploy/${situation.block.service}`;
  const site = writeSite(situation, "service", { memo }, find);
  return [
    {
      path: composePath(situation.block.service),
      content: writeCompose(situation, questions, { memo }, find),
    },
    ...(site === null ? [] : [...writeCaddyProject(situation.place, find), site]),
    ...(stack === null ? [] : writeDockerfile(situation, stack, { memo }, find)),
    ...listEnvFiles(situation).map((file) => ({
      path: `${folder}/${file.example}`,
      content: writeEnvExample(situation, file, { memo }, find),
    })),
  ];
}

function installedFiles(input: TargetInput): string[] {
  const site = planSite({ ...input, behind: "service" })?.files ?? [];
  return [composePath(input.situation.block.service), ...site];
}

function composePath(service: string): string {
  return `deploy/${service}/compose.yaml`;
}

function writePlan(input: TargetInput): string {
  const { situation, find } = input;
  const { block, place } = situation;
  const { directory } = place;
  // Going back, the memo's own commands would write over the backup that they once made, and nothing migrates.
  const forwards = input.goingBack === null;
  const backups = forwards && keepsData(block) ? listBackupCommands(block) : [];
  const migration = forwards ? findMigration(block) : null;
  const envFiles = listEnvFiles(situation).filter((file) => file.required.length > 0);
  return render(find, "deploy/compose/runbook.md", {
    service: block.service,
    "service.sh": quoteWord(block.service),
    version: block.version,
    host: place.hostName,
    elsewhere: listElsewhere(block),
    ...everywhere("directory", directory),
    ...everywhere("keep", `${directory}/.vibeops`),
    ...everywhere("backupMark", `${directory}/.vibeops/backup-${input.runbook}`),
    compose: {
      ...everywhere("source", composePath(block.service)),
      ...everywhere("target", `${directory}/compose.yaml`),
    },
    image: situation.settings.image?.kind === "pinned" ? codeSpan(situation.settings.image.reference) : "",
    domains: hasDomains(block) ? listInWords(block.domains ?? []) : "",
    envFiles: envFiles.map((file) => ({
      path: codeSpan(file.path),
      names: listInWords(file.required),
      place: placeCommand(place, file.path),
    })),
    envCheck: envFiles.length > 0 ? writeEnvCheck(envFiles, find) : "",
    dataByHand: forwards && keepsData(block) && backups.length === 0 ? dataWords(input) : "",
    backupNotes: listBackupNotes(block).map(codeSpan),
    backup: backups.length === 0 ? false : { commands: backups.map(inWhole) },
    migration: migration === null ? "" : codeSpan(migration),
    ...goingBackValues(input),
    ...siteValues(planSite({ ...input, behind: "service" })),
    ...answerChecks(situation),
    previous: previousWords(situation),
    wayBackForData: wayBackForData(situation),
    owner: ownerWords(situation),
  });
}

/** How a person puts a filled-in file on the host without showing it to anybody on the way. */
function placeCommand({ host, hostName, directory }: Place, path: string): string {
  if (host.transport === "local") return "";
  const remote = quoteCommand([
    "ssh",
    host.address ?? hostName,
    `mkdir -p ${quoteWord(directory)} && umask 077 && cat > ${quoteWord(path)}`,
  ]);
  return codeSpan(`${remote} < FILLED-IN-FILE`);
}

/** A pipe ends well where its last part does: `pg_dump … | gzip` keeps nothing, and says so to nobody. */
function inWhole(command: string): string {
  return /(?<!\|)\|(?!\|)/.test(command)
    ? quoteCommand(["bash", "-euo", "pipefail", "-c", command])
    : command;
}

function dataWords({ situation: { block } }: TargetInput): string {
  const names = listAllVolumes(block).map((volume) => volume.name);
  return names.length === 0 ? `the data of ${block.service}` : listInWords(names);
}

import { quoteWord } from "../../platform/quote.ts";
import { render } from "../catalogue.ts";
import { writeEnvCheck } from "../env-check.ts";
import { listEnvFiles } from "../env-file.ts";
import { codeSpan, listInWords } from "../markdown-text.ts";
import {
  answerChecks,
  everywhere,
  flowText,
  ownerWords,
  previousWords,
  wayBackForData,
} from "../plan-words.ts";
import type { Situation } from "../situation.ts";
import { keepsData } from "../volumes.ts";
import { composeTarget } from "./compose.ts";
import { goingBackValues, type Target, type TargetInput } from "./target.ts";

/**
 * A host without a container engine: the service runs from its source as a plain process, as in a rehearsal.
 * The configuration is what a host with containers will use; this runbook installs none of it.
 */
export const processTarget: Target = {
  writeFiles: composeTarget.writeFiles,
  installedFiles: () => [],
  writePlan,
};

/** What the runbook itself says of where the process runs. */
const GIVEN = ["PORT", "HOST", "DATA_DIR"];

function writePlan(input: TargetInput): string | null {
  const { situation, find } = input;
  const { block, place, settings, commit, repository } = situation;
  if (commit === null || repository === null || settings.command === null) return null;
  const envFiles = ownEnvFiles(situation);
  return render(find, "deploy/process/runbook.md", {
    service: block.service,
    version: block.version,
    "version.yaml": flowText(block.version),
    host: place.hostName,
    ...everywhere("directory", place.directory),
    ...everywhere("current", `${place.directory}/current`),
    "link.sh": quoteWord(`releases/${block.version}`),
    ...everywhere("pid", `${place.directory}/${block.service}.pid`),
    ...everywhere("repository", repository),
    commit,
    elsewhere: (block.depends_on ?? []).map((dependency) => dependency.name),
    ...goingBackValues(input),
    keepsData: input.goingBack === null && keepsData(block),
    data: codeSpan(`${place.directory}/data`),
    envFiles: envFiles.map((file) => ({ path: codeSpan(file.path), names: listInWords(file.required) })),
    envCheck: envFiles.length > 0 ? writeEnvCheck(envFiles, find) : "",
    command: `[${startCommand(situation).map(flowText).join(", ")}]`,
    environment: flowMap(environment(situation)),
    port: settings.port === null ? "" : String(settings.port.host),
    ...answerChecks(situation),
    previous: previousWords(situation),
    wayBackForData: wayBackForData(situation),
    owner: ownerWords(situation),
  });
}

/** The service's own file, as far as it has names that are not given anyway; what it depends on is not started here. */
function ownEnvFiles(situation: Situation) {
  const [own] = listEnvFiles(situation);
  const required = own?.required.filter((name) => !GIVEN.includes(name)) ?? [];
  return own === undefined || required.length === 0 ? [] : [{ ...own, required }];
}

/** With variables to read, a shell reads them first and then becomes the command. */
function startCommand(situation: Situation): readonly string[] {
  const command = situation.settings.command ?? [];
  const [file] = ownEnvFiles(situation);
  if (file === undefined) return command;
  return ["sh", "-c", 'set -a; . "$0"; set +a; exec "$@"', file.path, ...command];
}

function environment({ block, place, settings }: Situation): Record<string, string> {
  const reads = (name: string) => (block.env ?? []).some((variable) => variable.name === name);
  return {
    ...(settings.port === null ? {} : { PORT: String(settings.port.host) }),
    ...(reads("HOST") ? { HOST: "127.0.0.1" } : {}),
    ...(reads("DATA_DIR") ? { DATA_DIR: `${place.directory}/data` } : {}),
  };
}

function flowMap(map: Readonly<Record<string, string>>): string {
  const entries = Object.entries(map).map(([name, value]) => `${name}: ${flowText(value)}`);
  return entries.length === 0 ? "" : `{ ${entries.join(", ")} }`;
}

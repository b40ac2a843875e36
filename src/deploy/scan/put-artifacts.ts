import type { Assembly } from "./assembly.ts";
import type { Fact } from "./fact.ts";
import type { Facts, Unit } from "./facts.ts";

interface Found {
  readonly manifests: Facts;
  readonly unit: Unit | null;
  readonly workload: Unit | null;
  readonly units: readonly Unit[];
  readonly docker: Partial<Facts>;
  readonly site: readonly Fact<string>[];
}

/** The image and what it starts with; of files that a web server hands out, their folder. */
export function putArtifacts(assembly: Assembly, found: Found): void {
  const images = [...(found.unit?.facts.image ?? []), ...(found.workload?.facts.image ?? [])];
  const image = assembly.settle("artifacts", images);
  const { command: stated, start } = chooseStart(found);
  assembly.remark(start, "command");
  if (image === null) {
    assembly.remark(stated, "command");
    putSite(assembly, found);
    return;
  }
  const agreed = assembly.settle("artifacts.command", stated, (words) => words.join("\0"));
  const command = agreed === null || assembly.refusesSecret("artifacts.command", agreed) ? null : agreed;
  const artifact = { image: image.value, ...(command === null ? {} : { command: command.value }) };
  if (assembly.put("artifacts", [artifact], [image]) && command !== null) {
    assembly.note("artifacts.command", command);
  }
}

/** What the services' own files say of the start stands instead of what is in the image. */
function chooseStart({ unit, workload, docker }: Found): Pick<Facts, "command" | "start"> {
  const units = [unit, workload].flatMap((one) => (one === null ? [] : [one.facts]));
  const command = units.flatMap((facts) => facts.command.slice(-1));
  const start = units.flatMap((facts) => facts.start.slice(-1));
  if (command.length + start.length > 0) return { command, start };
  return { command: docker.command?.slice(-1) ?? [], start: docker.start?.slice(-1) ?? [] };
}

/** A site is static where nothing starts: no container, no process. */
function putSite(assembly: Assembly, found: Found): void {
  const [site] = found.site;
  if (site === undefined) return;
  const starts = found.manifests.remark.some(({ word }) => word !== "scripts.start" || !isPreview(found));
  const isStatic = found.units.length === 0 && Object.keys(found.docker).length === 0 && !starts;
  if (!isStatic || !assembly.put("artifacts", [{ static: site.value }], [site]))
    assembly.remark([site], "static");
}

/** Generators call their development server `start` too; beside a page of their own it says nothing of a process. */
function isPreview(found: Found): boolean {
  return found.site.some(({ word }) => word !== "page" && word !== "Vite" && !word.startsWith("Vite'"));
}

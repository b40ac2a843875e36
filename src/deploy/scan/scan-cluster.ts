import { posix } from "node:path";
import type { Located } from "../located/located.ts";
import { readYamlDocuments } from "../located/read-yaml.ts";
import { scanChart, scanTemplate, scanValues } from "./cluster/scan-helm.ts";
import { scanKubernetes } from "./cluster/scan-kubernetes.ts";
import { readReplacements, withReplacements } from "./cluster/scan-kustomize.ts";
import { scanTerraform } from "./cluster/scan-terraform.ts";
import { type Facts, joinFacts, type Unit } from "./facts.ts";
import type { Findings } from "./findings.ts";
import type { RepositoryFiles } from "./repository-files.ts";
import { type CodeLine, isOwnCode } from "./search-code.ts";

const MAX_MANIFESTS = 200;
const MAX_CHARTS = 20;
const KUSTOMIZATION = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

/** What is there for a cluster or a cloud: Kubernetes manifests, Helm charts, Terraform. */
export function scanCluster(
  files: RepositoryFiles,
  lines: readonly CodeLine[],
  findings: Findings,
): { units: Unit[]; facts: Facts } {
  const charts = files.paths.filter((path) => /(?:^|\/)Chart\.yaml$/.test(path) && isOwnCode(path));
  const folders = charts.map((path) => posix.dirname(path));
  const first = (paths: readonly string[], most: number, what: string) => {
    findings.tellRest(paths, most, what);
    return paths.slice(0, most);
  };
  const named = (pattern: RegExp) => files.paths.filter((path) => pattern.test(path) && isOwnCode(path));
  const manifests = first(findManifests(lines, folders), MAX_MANIFESTS, "Kubernetes manifests");
  const kubernetes = scanManifestFiles(manifests, files, findings);
  const helm = first(charts, MAX_CHARTS, "Helm charts").map((path) =>
    scanHelmFolder(posix.dirname(path), files, findings),
  );
  const terraform = first(named(/\.tf$/), MAX_MANIFESTS, "Terraform files").map((path) =>
    scanTerraform(files.read(path) ?? "", path),
  );
  const replacements = first(named(KUSTOMIZATION), MAX_MANIFESTS, "kustomizations").flatMap((path) =>
    readReplacements(readYaml(path, files, findings)[0]),
  );
  const units = joinSame(kubernetes.units).map((unit) => withReplacements(unit, replacements));
  return { units, facts: joinFacts(kubernetes.facts, ...helm, ...terraform) };
}

/**
 * One workload for each kind and name: an overlay's patch says more of it, and what two environments say differently
 * is for a person to decide.
 */
function joinSame(units: readonly Unit[]): Unit[] {
  const byName = new Map<string, Unit>();
  for (const unit of units) {
    const key = `${unit.place.word} ${unit.name}`;
    const known = byName.get(key);
    byName.set(key, known === undefined ? unit : { ...known, facts: joinFacts(known.facts, unit.facts) });
  }
  return [...byName.values()];
}

/** YAML that says `apiVersion:`; what a chart's templates write is no YAML yet. */
function findManifests(lines: readonly CodeLine[], charts: readonly string[]): string[] {
  const paths = new Set<string>();
  for (const { file, text } of lines) {
    if (!/\.ya?ml$/.test(file) || !/^\s*(?:- )?["']?apiVersion["']?:/.test(text) || !isOwnCode(file))
      continue;
    if (charts.some((folder) => folder === "." || file.startsWith(`${folder}/`))) continue;
    if (!file.startsWith(".github/")) paths.add(file);
  }
  return [...paths];
}

function scanManifestFiles(
  paths: readonly string[],
  files: RepositoryFiles,
  findings: Findings,
): { units: Unit[]; facts: Facts } {
  const scans = paths.map((path) => scanKubernetes(readYaml(path, files, findings)));
  return { units: scans.flatMap(({ units }) => units), facts: joinFacts(...scans.map(({ facts }) => facts)) };
}

function scanHelmFolder(folder: string, files: RepositoryFiles, findings: Findings): Facts {
  const [chart] = readYaml(posix.join(folder, "Chart.yaml"), files, findings);
  const values = posix.join(folder, "values.yaml");
  const [defaults] = files.has(values) ? readYaml(values, files, findings) : [];
  const prefix = folder === "." ? "templates/" : `${folder}/templates/`;
  const templates = files.paths
    .filter((path) => path.startsWith(prefix) && /\.ya?ml$/.test(path))
    .slice(0, MAX_MANIFESTS)
    .map((path) => scanTemplate(files.read(path) ?? "", path));
  return joinFacts(scanChart(chart), scanValues(defaults), ...templates);
}

function readYaml(path: string, files: RepositoryFiles, findings: Findings): readonly Located[] {
  const text = files.read(path);
  return text === null ? [] : (findings.attempt(path, () => readYamlDocuments(text, path)) ?? []);
}

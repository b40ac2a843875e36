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
const KUSTOMIZATION = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

/** What is there for a cluster or a cloud: Kubernetes manifests, Helm charts, Terraform. */
export function scanCluster(
  files: RepositoryFiles,
  lines: readonly CodeLine[],
  findings: Findings,
): { units: Unit[]; facts: Facts } {
  const charts = files.paths.filter((path) => /(?:^|\/)Chart\.yaml$/.test(path) && isOwnCode(path));
  const folders = charts.map((path) => posix.dirname(path));
  const kubernetes = scanManifestFiles(findManifests(lines, folders), files, findings);
  const helm = folders.slice(0, 20).map((folder) => scanHelmFolder(folder, files, findings));
  const terraform = files.paths
    .filter((path) => path.endsWith(".tf") && isOwnCode(path))
    .slice(0, MAX_MANIFESTS)
    .map((path) => scanTerraform(files.read(path) ?? "", path));
  const replacements = files.paths
    .filter((path) => KUSTOMIZATION.test(path) && isOwnCode(path))
    .slice(0, MAX_MANIFESTS)
    .flatMap((path) => readReplacements(readYaml(path, files, findings)[0]));
  const units = kubernetes.units.map((unit) => withReplacements(unit, replacements));
  return { units, facts: joinFacts(kubernetes.facts, ...helm, ...terraform) };
}

/** YAML that says `apiVersion:`; what a chart's templates write is no YAML yet. */
function findManifests(lines: readonly CodeLine[], charts: readonly string[]): string[] {
  const paths = new Set<string>();
  for (const { file, text } of lines) {
    if (!/\.ya?ml$/.test(file) || !/^\s*(?:- )?["']?apiVersion["']?:/.test(text) || !isOwnCode(file))
      continue;
    if (charts.some((folder) => folder === "." || file.startsWith(`${folder}/`))) continue;
    if (file.startsWith(".github/") || paths.size >= MAX_MANIFESTS) continue;
    paths.add(file);
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

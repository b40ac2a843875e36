import { at, entriesOf, itemsOf, type Located, scalarOf, textOf } from "../../located/located.ts";
import { type Fact, fact } from "../fact.ts";
import type { Facts } from "../facts.ts";

/** A chart's own identity. `appVersion` is the version of what it deploys; `version` that of the chart. */
export function scanChart(chart: Located | undefined): Partial<Facts> {
  const name = scalarOf(at(chart, "name"));
  const appVersion = scalarOf(at(chart, "appVersion"));
  const dependencies = itemsOf(at(chart, "dependencies")).flatMap((node): Fact<string>[] => {
    const other = scalarOf(at(node, "name"));
    return other === undefined
      ? []
      : [fact(`Helm chart needs the chart ${other.text}`, other.place, "dependencies")];
  });
  return {
    version: appVersion === undefined ? [] : [fact(appVersion.text, appVersion.place, "appVersion")],
    remark: [
      ...(name === undefined ? [] : [fact(`Helm chart ${name.text}`, name.place, "name")]),
      ...dependencies,
    ],
  };
}

/** Values are defaults that whoever installs the chart may change; those that everybody names alike are told. */
export function scanValues(values: Located | undefined): Partial<Facts> {
  const repository = scalarOf(at(values, "image", "repository"));
  const tag = scalarOf(at(values, "image", "tag"));
  const name = tag === undefined ? repository?.text : `${repository?.text}:${tag.text}`;
  const port = scalarOf(at(values, "service", "port"));
  const hosts = itemsOf(at(values, "ingress", "hosts")).flatMap((node): Fact<string>[] => {
    const host = scalarOf(node.kind === "map" ? at(node, "host") : node);
    return host === undefined ? [] : [fact(host.text, host.place, "ingress.hosts")];
  });
  const isOn = scalarOf(at(values, "ingress", "enabled"))?.text === "true";
  return {
    domain: isOn ? hosts : [],
    remark: [
      ...(repository === undefined ? [] : [fact(`Helm image ${name}`, repository.place, "image.repository")]),
      ...(port === undefined ? [] : [fact(`Helm service port ${port.text}`, port.place, "service.port")]),
      ...readLimits(values),
      ...readDefaults(values),
    ],
  };
}

/** What charts name alike, and whoever moves the service elsewhere wants to know. */
function readDefaults(values: Located | undefined): Fact<string>[] {
  const probes = ["livenessProbe", "readinessProbe"].map((probe) => [probe, "httpGet", "path"]);
  const named = [...probes, ["service", "targetPort"], ["persistence", "size"], ["persistence", "mountPath"]];
  const isKept = textOf(at(values, "persistence", "enabled")) === "true";
  return named.flatMap((keys) => {
    const found = keys[0] === "persistence" && !isKept ? undefined : scalarOf(at(values, ...keys));
    return found === undefined
      ? []
      : [fact(`Helm ${keys.join(".")} ${found.text}`, found.place, keys.at(-1) ?? "")];
  });
}

function readLimits(values: Located | undefined): Fact<string>[] {
  return entriesOf(at(values, "resources", "limits")).flatMap(([name, { value }]) => {
    const limit = scalarOf(value);
    return limit === undefined
      ? []
      : [fact(`Helm limit ${name} ${limit.text}`, limit.place, "resources.limits")];
  });
}

/**
 * A chart's templates are programs that write YAML, so they are read line by line: ports and probe paths that stand
 * there literally.
 */
export function scanTemplate(text: string, file: string): Partial<Facts> {
  const lines = text.split(/\r?\n/).map((line, i) => ({ text: line, place: { file, line: i + 1 } }));
  return {
    port: lines.flatMap(({ text: words, place }) => {
      const port = /^\s*(?:- )?containerPort:\s*(\d{1,5})\s*$/.exec(words)?.[1];
      return port === undefined ? [] : [fact({ container: Number(port) }, place, "containerPort")];
    }),
    healthPath: lines.flatMap(({ text: words, place }, i) => {
      const path = /^\s*path:\s*["']?(\/[\w./-]*)["']?\s*$/.exec(words)?.[1];
      const isProbe = /^\s*httpGet:\s*$/.test(lines[i - 1]?.text ?? "");
      return path === undefined || !isProbe ? [] : [fact(path, place, "httpGet")];
    }),
  };
}

import { kindOfImage } from "../../known-kinds.ts";
import { at, itemsOf, type Located, scalarOf, textOf, wordsOf } from "../../located/located.ts";
import { type Fact, fact } from "../fact.ts";
import { type Facts, type FoundPort, type FoundVariable, joinFacts, type Unit } from "../facts.ts";
import { memoryOfQuantity } from "../memory.ts";

const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"]);

/** Workloads of a manifest, and what it says of the whole: hosts of an Ingress, kinds of objects. */
export function scanKubernetes(documents: readonly Located[]): { units: Unit[]; facts: Facts } {
  const objects = documents
    .flatMap((document) => [document, ...itemsOf(at(document, "items"))])
    .filter(isObject);
  const units = objects.flatMap((object) => readWorkload(object));
  return { units, facts: joinFacts(...objects.map(readObject)) };
}

function isObject(node: Located): boolean {
  return textOf(at(node, "apiVersion")) !== undefined && textOf(at(node, "kind")) !== undefined;
}

function readObject(object: Located): Partial<Facts> {
  const kind = scalarOf(at(object, "kind"));
  if (kind === undefined) return {};
  const name = textOf(at(object, "metadata", "name"));
  const what = `Kubernetes ${kind.text}${name === undefined ? "" : ` ${name}`}`;
  return { domain: readHosts(object, kind.text), remark: [fact(what, kind.place, "kind")] };
}

/** Routes of the Gateway API. */
const ROUTES = new Set(["HTTPRoute", "GRPCRoute", "TLSRoute"]);

function readHosts(object: Located, kind: string): Fact<string>[] {
  if (ROUTES.has(kind)) {
    const hosts = itemsOf(at(object, "spec", "hostnames")).flatMap((node) => scalarOf(node) ?? []);
    return hosts.map((host) => fact(host.text, host.place, `${kind} hostname`));
  }
  if (kind !== "Ingress") return [];
  const hosts = itemsOf(at(object, "spec", "rules")).flatMap((rule) => scalarOf(at(rule, "host")) ?? []);
  return hosts.map((host) => fact(host.text, host.place, "Ingress host"));
}

function podOf(object: Located, kind: string): Located | undefined {
  if (kind === "Pod") return at(object, "spec");
  if (kind === "CronJob") return at(object, "spec", "jobTemplate", "spec", "template", "spec");
  return at(object, "spec", "template", "spec");
}

function readWorkload(object: Located): Unit[] {
  const kind = scalarOf(at(object, "kind"));
  const name = scalarOf(at(object, "metadata", "name"));
  if (kind === undefined || name === undefined || !WORKLOADS.has(kind.text)) return [];
  const pod = podOf(object, kind.text);
  const [container] = itemsOf(at(pod, "containers"));
  if (container === undefined) return [];
  const image = textOf(at(container, "image"));
  const known = image === undefined ? undefined : kindOfImage(image);
  const facts = joinFacts(readContainer(container), { volume: readVolumes(object, pod, container) });
  return [
    {
      name: name.text,
      place: fact(name.text, name.place, kind.text),
      facts,
      isOwn: false,
      isOptional: kind.text === "Job" || kind.text === "CronJob",
      ...(known === undefined ? {} : { kind: known }),
    },
  ];
}

function readContainer(container: Located): Partial<Facts> {
  const image = scalarOf(at(container, "image"));
  const memory = scalarOf(at(container, "resources", "limits", "memory"));
  const cpus = scalarOf(at(container, "resources", "limits", "cpu"));
  const processors = cpus === undefined ? null : readProcessors(cpus.text);
  return {
    image: image === undefined ? [] : [fact(image.text, image.place, "image")],
    port: itemsOf(at(container, "ports")).flatMap(readPort),
    ...readStart(container),
    variable: readVariables(container),
    remark: readEnvironments(container),
    memory: memory === undefined ? [] : [fact(memoryOfQuantity(memory.text), memory.place, "limits.memory")],
    cpus: cpus === undefined || processors === null ? [] : [fact(processors, cpus.place, "limits.cpu")],
    ...readProbes(container),
  };
}

/** `args` stand behind the image's entry point, `command` instead of it. */
function readStart(container: Located): Pick<Facts, "command" | "start"> {
  const [entry, args] = ["command", "args"].map((key) => at(container, key));
  const words = [entry, args].map((node) => (node === undefined ? [] : (wordsOf(node) ?? [])));
  const texts = words.flat().map((word) => word.text);
  const place = entry?.place ?? args?.place;
  if (place === undefined || texts.length === 0) return { command: [], start: [] };
  // `$(NAME)` is put in by the cluster alone.
  const isPlain = entry === undefined && !texts.some((text) => text.includes("$("));
  return isPlain
    ? { command: [fact(texts, place, "args")], start: [] }
    : { command: [], start: [fact(texts.join(" "), place, entry === undefined ? "args" : "command")] };
}

function readPort(node: Located): Fact<FoundPort>[] {
  const port = scalarOf(at(node, "containerPort"));
  const container = Number(port?.text);
  if (port === undefined || !Number.isInteger(container) || container < 1 || container > 65_535) return [];
  const udp = textOf(at(node, "protocol")) === "UDP" ? ({ protocol: "udp" } as const) : {};
  return [fact({ container, ...udp }, port.place, "containerPort")];
}

/** `500m` is half a processor. */
function readProcessors(text: string): number | null {
  const match = /^(\d{1,6})(m?)$|^(\d{1,4}\.\d{1,3})$/.exec(text);
  if (match === null) return null;
  const value = match[3] === undefined ? Number(match[1]) / (match[2] === "m" ? 1_000 : 1) : Number(match[3]);
  return value > 0 ? value : null;
}

function readVariables(container: Located): Fact<FoundVariable>[] {
  return itemsOf(at(container, "env")).flatMap((node) => {
    const name = scalarOf(at(node, "name"));
    if (name === undefined) return [];
    const isSecret = at(node, "valueFrom", "secretKeyRef") !== undefined;
    return [fact({ name: name.text, ...(isSecret ? { secret: true } : {}) }, name.place, "env")];
  });
}

/** Whole objects of variables: their names stand in the cluster, or in a file that is not here. */
function readEnvironments(container: Located): Fact<string>[] {
  return itemsOf(at(container, "envFrom")).flatMap((node) =>
    (["secretRef", "configMapRef"] as const).flatMap((key) => {
      const name = scalarOf(at(node, key, "name"));
      const kind = key === "secretRef" ? "Secret" : "ConfigMap";
      return name === undefined
        ? []
        : [fact(`takes all variables of the ${kind} ${name.text}`, name.place, "envFrom")];
    }),
  );
}

/** What keeps the container running counts; readiness and liveness are told apart by the conflict that they make. */
function readProbes(container: Located): Pick<Facts, "healthPath" | "healthPort" | "healthCommand"> {
  const probes = ["livenessProbe", "readinessProbe", "startupProbe"].map((name) => ({
    name,
    node: at(container, name),
  }));
  const healthPath = probes.flatMap(({ name, node }) => {
    const path = scalarOf(at(node, "httpGet", "path"));
    return path === undefined ? [] : [fact(path.text, path.place, name)];
  });
  const healthPort = probes.flatMap(({ name, node }) => {
    const port = scalarOf(at(node, "httpGet", "port"));
    const number = port === undefined ? undefined : numberOfPort(port.text, container);
    return port === undefined || number === undefined ? [] : [fact(number, port.place, name)];
  });
  const healthCommand = probes.flatMap(({ name, node }) => {
    const command = at(node, "exec", "command");
    const words = command === undefined ? null : wordsOf(command);
    if (command === undefined || words === null) return [];
    return [
      fact(
        words.map((word) => word.text),
        command.place,
        name,
      ),
    ];
  });
  return { healthPath, healthPort, healthCommand };
}

/** A port by its number, or by the name that the container gives it. */
function numberOfPort(text: string, container: Located): number | undefined {
  const named = itemsOf(at(container, "ports")).find((node) => textOf(at(node, "name")) === text);
  const number = Number(named === undefined ? text : textOf(at(named, "containerPort")));
  return Number.isInteger(number) && number >= 1 && number <= 65_535 ? number : undefined;
}

/** Mounts that outlive the pod: of a claim, or of a StatefulSet's own template. */
function readVolumes(object: Located, pod: Located | undefined, container: Located) {
  const claims = new Set([
    ...itemsOf(at(pod, "volumes"))
      .filter((volume) => at(volume, "persistentVolumeClaim") !== undefined)
      .map((volume) => textOf(at(volume, "name"))),
    ...itemsOf(at(object, "spec", "volumeClaimTemplates")).map((claim) =>
      textOf(at(claim, "metadata", "name")),
    ),
  ]);
  return itemsOf(at(container, "volumeMounts")).flatMap((mount) => {
    const name = scalarOf(at(mount, "name"));
    const path = scalarOf(at(mount, "mountPath"));
    if (name === undefined || path === undefined || !claims.has(name.text)) return [];
    return [fact({ name: name.text, path: path.text }, path.place, "volumeMounts")];
  });
}

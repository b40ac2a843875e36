import { readBytes } from "../../compose-file/amounts.ts";
import {
  type Found,
  type FoundHost,
  type FoundService,
  isRecord,
  type Json,
  listAt,
  numberAt,
  textAt,
  valueAt,
  writeBytes,
} from "./found.ts";

const WORKLOADS = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

/** `kubectl get … -o json`: nodes are hosts, workloads are services. Null for anything else. */
export function readKubernetes(document: Json): Found | null {
  if (textAt(document, "apiVersion") === undefined || textAt(document, "kind") === undefined) return null;
  const items = isRecord(document) && Array.isArray(document.items) ? listAt(document, "items") : [document];
  const ofKind = (isWanted: (kind: string) => boolean) =>
    items.filter((item) => isWanted(textAt(item, "kind") ?? ""));
  return {
    form: "kubectl get",
    hosts: ofKind((kind) => kind === "Node").flatMap(readNode),
    services: ofKind((kind) => WORKLOADS.has(kind)).flatMap(readWorkload),
  };
}

function readNode(item: Json): FoundHost[] {
  const name = textAt(item, "metadata", "name");
  const memory = quantity(valueAt(item, "status", "allocatable", "memory"));
  const cpus = cores(valueAt(item, "status", "allocatable", "cpu"));
  return name === undefined
    ? []
    : [
        {
          name,
          memory: memory === undefined ? undefined : writeBytes(memory),
          cpus,
          note: "a Kubernetes node",
        },
      ];
}

function readWorkload(item: Json): FoundService[] {
  const name = textAt(item, "metadata", "name");
  if (name === undefined) return [];
  const replicas = numberAt(item, "spec", "replicas") ?? 1;
  const containers = listAt(item, "spec", "template", "spec", "containers");
  const memory = containers.map((one) => quantity(valueAt(one, "resources", "limits", "memory")));
  const cpus = containers.map((one) => cores(valueAt(one, "resources", "limits", "cpu")));
  const claims = [
    ...listAt(item, "spec", "template", "spec", "volumes").map((volume) =>
      textAt(volume, "persistentVolumeClaim", "claimName"),
    ),
    ...listAt(item, "spec", "volumeClaimTemplates").map((claim) => textAt(claim, "metadata", "name")),
  ];
  const volumes = claims.filter((claim) => claim !== undefined);
  const total = (values: readonly (number | undefined)[]) =>
    values.length === 0 || values.includes(undefined)
      ? undefined
      : values.reduce<number>((sum, value) => sum + (value ?? 0), 0) * replicas;
  const bytes = total(memory);
  const cores_ = total(cpus);
  return [
    {
      name,
      memory: bytes === undefined ? undefined : writeBytes(bytes),
      cpus: cores_ === undefined ? undefined : Number(cores_.toFixed(3)),
      volumes: volumes.length === 0 ? undefined : volumes,
    },
  ];
}

const DECIMAL: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** Bytes of `512Mi`, `16393244Ki` or `1G`. */
function quantity(value: Json): number | undefined {
  if (typeof value !== "string") return undefined;
  const [, digits, unit = ""] = /^(\d{1,15}(?:\.\d{1,6})?)([kMGT])$/.exec(value) ?? [];
  if (digits !== undefined) return Number(digits) * (DECIMAL[unit] ?? 1);
  return readBytes(value.replace(/i$/, "")) ?? undefined;
}

/** Cores of `500m` or `2`. */
function cores(value: Json): number | undefined {
  const [, digits, milli] = /^(\d{1,9}(?:\.\d{1,6})?)(m)?$/.exec(String(value)) ?? [];
  const number = digits === undefined ? 0 : Number(digits) / (milli === undefined ? 1 : 1000);
  return number > 0 ? number : undefined;
}

import { at, entriesOf, itemsOf, type Located, scalarOf } from "../../located/located.ts";
import { type Fact, fact } from "../fact.ts";
import type { ServiceReader } from "./service-reader.ts";

/** Keys that say how a service is placed by a swarm; plain Compose ignores most of them. */
const SWARM = ["mode", "replicas", "placement", "update_config", "rollback_config", "endpoint_mode"];

/** What has no place in the block, and matters to whoever deploys the service. */
export function readRemarks(reader: ServiceReader): Fact<string>[] {
  return [
    ...readGpu(reader),
    ...readSwarm(reader),
    ...readReferences(reader, "secrets", "needs the secret"),
    ...readReferences(reader, "configs", "needs the configuration"),
    ...readProfiles(reader),
    ...readNeeded(reader),
    ...readSingle(reader, "user", "runs as"),
    ...readSingle(reader, "platform", "is for the platform"),
    ...readSingle(reader, "network_mode", "has the network mode"),
    ...readSingle(reader, "restart", "restarts"),
  ];
}

function readGpu(reader: ServiceReader): Fact<string>[] {
  const devices = itemsOf(reader.get("deploy", "resources", "reservations", "devices"));
  const gpu = devices.find((device) => itemsOf(at(device, "capabilities")).some((item) => isGpu(item)));
  const node = gpu ?? reader.get("gpus");
  const runtime = scalarOf(reader.get("runtime"));
  if (node !== undefined) return [fact("needs a GPU", node.place, gpu === undefined ? "gpus" : "devices")];
  return runtime?.text === "nvidia" ? [fact("needs a GPU", runtime.place, "runtime")] : [];
}

function isGpu(node: Located): boolean {
  return node.kind === "scalar" && node.text === "gpu";
}

function readSwarm(reader: ServiceReader): Fact<string>[] {
  return entriesOf(reader.get("deploy"))
    .filter(([key]) => SWARM.includes(key))
    .map(([key, entry]) => {
      const value = reader.text(entry.value)?.text;
      return fact(`swarm: ${key}${value === undefined ? "" : ` ${value}`}`, entry.key, `deploy.${key}`);
    });
}

function readReferences(reader: ServiceReader, key: string, words: string): Fact<string>[] {
  return itemsOf(reader.get(key)).flatMap((node) => {
    const read = reader.text(node.kind === "map" ? at(node, "source") : node);
    return read === undefined ? [] : [reader.fact(`${words} ${read.text}`, read, key)];
  });
}

function readProfiles(reader: ServiceReader): Fact<string>[] {
  return itemsOf(reader.get("profiles")).flatMap((node) => {
    const read = reader.text(node);
    return read === undefined
      ? []
      : [reader.fact(`starts only with the profile ${read.text}`, read, "profiles")];
  });
}

/** Variables without a default in the file itself: whoever runs Compose has to set them. */
function readNeeded(reader: ServiceReader): Fact<string>[] {
  const needed = reader.mentioned.filter(
    ({ name, required }) => required !== false && !reader.service.values.has(name),
  );
  const distinct = needed.filter((one, i) => needed.findIndex(({ name }) => name === one.name) === i);
  return distinct.map(({ name, place }) => fact(`needs ${name} where Compose runs`, place, "variable"));
}

function readSingle(reader: ServiceReader, key: string, words: string): Fact<string>[] {
  const read = reader.textAt(key);
  return read === undefined ? [] : [reader.fact(`${words} ${read.text}`, read, key)];
}

import { formatPort } from "../../compose-file/ports.ts";
import { readMounts } from "../../lint/compose/mounts.ts";
import { readPorts } from "../../lint/compose/ports.ts";
import { readComposeText } from "../../lint/compose/project.ts";
import { Reader } from "../../lint/reader.ts";
import { Source } from "../../lint/source.ts";
import { readContainer } from "../read-stacks.ts";
import { type Found, some, writeBytes } from "./found.ts";

/** `docker compose config`, as YAML or JSON: one project and what it may take. Null for anything else. */
export function readComposeConfig(text: string): Found | null {
  // It names no other file: Compose has put everything in.
  const project = readComposeText(new Source("/compose-config.yaml", text), new Reader());
  const name = project.root.get("name")?.text;
  if (project.services.length === 0 || name === undefined || name === "") return null;
  const containers = project.services.map(readContainer);
  const isLimited = containers.every(({ memory }) => memory !== null);
  const memory = containers.reduce((sum, one) => sum + (one.memory ?? 0) * one.replicas, 0);
  const cpus = containers.reduce((sum, one) => sum + (one.cpus ?? 0) * one.replicas, 0);
  const ports = project.services
    .flatMap(readPorts)
    .flatMap((port) => (port.published === null ? [] : [formatPort(port)]));
  const volumes = project.services
    .flatMap(readMounts)
    .flatMap(({ kind, from }) => (kind === "volume" && from !== null && from !== "" ? [from] : []));
  const restart = containers.some((one) => one.restart === "always") ? "always" : undefined;
  const service = {
    name,
    // A sum that leaves one out would say less than it may take.
    memory: isLimited && memory > 0 ? writeBytes(memory) : undefined,
    cpus: cpus > 0 ? Number(cpus.toFixed(3)) : undefined,
    ports: some(ports),
    volumes: some(volumes),
    restart,
  };
  return { form: "docker compose config", hosts: [], services: [service] };
}

import type { DeploymentBlock } from "../memo/deployment.ts";
import { type Image, readImage } from "./image.ts";
import type { Place } from "./place.ts";

/** A value for the configuration, and whether it is ours because the memo has none. */
export interface Setting<T> {
  readonly value: T;
  readonly assumed: boolean;
}

/** Where the proxy finds the service: the host's loopback address. */
export interface LoopbackPort {
  readonly container: number;
  readonly host: number;
  /** Why this one, in words for the open question. */
  readonly reason: string;
}

/** What the configuration says, from the memo where it speaks and from a cautious default where it must say something. */
export interface Settings {
  /** Null where the memo names none. */
  readonly image: Image | null;
  /** All that the memo names. */
  readonly images: readonly string[];
  readonly command: readonly string[] | null;
  readonly port: LoopbackPort | null;
  readonly memory: Setting<string>;
  readonly cpus: Setting<number>;
  readonly pids: number;
}

/** A loopback port of the same host that another service's preparation took. */
export interface TakenPort {
  readonly port: number;
  readonly service: string;
}

/** Enough for a small web service, and not enough to bring down a host of 1 GB. */
const DEFAULT_MEMORY = "256m";
const DEFAULT_CPUS = 0.5;
/** A fork bomb stops here; threads count too, so it is well above what a runtime with a thread pool needs. */
const PIDS = 256;

export function chooseSettings(
  block: DeploymentBlock,
  place: Place,
  earlier: { readonly port?: number | undefined; readonly taken: readonly TakenPort[] },
): Settings {
  const artifacts = (block.artifacts ?? []).filter((artifact) => "image" in artifact);
  const [first] = artifacts;
  return {
    image: first === undefined ? null : readImage(first.image),
    images: artifacts.map((artifact) => artifact.image),
    command: findCommand(block, place),
    port: choosePort(block, place, earlier),
    memory: setting(block.resources?.memory, DEFAULT_MEMORY),
    cpus: setting(block.resources?.cpus, DEFAULT_CPUS),
    pids: PIDS,
  };
}

function setting<T>(stated: T | undefined, fallback: T): Setting<T> {
  return stated === undefined ? { value: fallback, assumed: true } : { value: stated, assumed: false };
}

/** The command that the memo names for what this host runs: with the image, or on its own for a process. */
function findCommand(block: DeploymentBlock, place: Place): readonly string[] | null {
  const wanted =
    place.host.runtime === "process" ? block.artifacts : block.artifacts?.filter((a) => "image" in a);
  for (const artifact of wanted ?? []) {
    if ("command" in artifact && artifact.command !== undefined) return artifact.command;
  }
  return null;
}

function choosePort(
  block: DeploymentBlock,
  place: Place,
  earlier: { readonly port?: number | undefined; readonly taken: readonly TakenPort[] },
): LoopbackPort | null {
  const first = (block.ports ?? []).find((port) => port.protocol !== "udp");
  const container = first?.container ?? block.health?.port;
  if (container === undefined) return null;
  if (first?.host !== undefined) return { container, host: first.host, reason: "the memo asks for it" };
  if (place.host.runtime === "process") return { container, host: container, reason: "the memo names it" };
  if (earlier.port !== undefined)
    return { container, host: earlier.port, reason: "the version before has it" };
  const wanted = container < 1024 ? container + 8000 : container;
  let host = wanted;
  while (earlier.taken.some((taken) => taken.port === host)) host += 1;
  const other = earlier.taken.find((taken) => taken.port === wanted);
  if (other !== undefined) return { container, host, reason: `${wanted} is taken by ${other.service}` };
  return { container, host, reason: host === container ? "the same as in the container" : "above 1024" };
}

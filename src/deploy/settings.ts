import type { DeploymentBlock } from "../memo/deployment.ts";
import { type Image, readImage } from "./image.ts";
import type { Place } from "./place.ts";

/** A value for the configuration, and whether it is ours because the memo has none. */
interface Setting<T> {
  readonly value: T;
  readonly assumed: boolean;
}

/** Where the proxy finds the service: the host's loopback address. */
interface LoopbackPort {
  readonly container: number;
  readonly host: number;
  /** Why this one, in words for the open question. */
  readonly reason: string;
  /** Whether the memo asks for one that something else has. */
  readonly isTaken: boolean;
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

/** Enough for a small web service, and not enough to bring down a host of 1 GB. */
const DEFAULT_MEMORY = "256m";
const DEFAULT_CPUS = 0.5;
/** A fork bomb stops here; threads count too, so it is well above what a runtime with a thread pool needs. */
const PIDS = 256;

export function chooseSettings(
  block: DeploymentBlock,
  place: Place,
  earlier: { readonly port?: number | undefined; readonly taken: readonly number[] },
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
  earlier: { readonly port?: number | undefined; readonly taken: readonly number[] },
): LoopbackPort | null {
  const first = (block.ports ?? []).find((port) => port.protocol !== "udp");
  const container = first?.container ?? block.health?.port;
  if (container === undefined) return null;
  const wanted = first?.host ?? (place.host.runtime === "process" ? container : undefined);
  if (wanted !== undefined) {
    const reason = first?.host === undefined ? "the memo names it" : "the memo asks for it";
    return { container, host: wanted, reason, isTaken: earlier.taken.includes(wanted) };
  }
  const host = earlier.port ?? firstFree(container < 1024 ? container + 8000 : container, earlier.taken);
  return { container, host, reason: reasonFor(container, host), isTaken: false };
}

function firstFree(wanted: number, taken: readonly number[]): number {
  let port = wanted;
  while (taken.includes(port)) port = port === 65_535 ? 1_024 : port + 1;
  return port;
}

/** Tells nothing of earlier preparations: prepared again, the question must read the same. */
function reasonFor(container: number, host: number): string {
  if (host === container) return "the same as in the container";
  return container < 1024
    ? `${container} in the container is below 1024`
    : "apart from the other services prepared for this host";
}

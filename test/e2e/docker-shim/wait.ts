import { setTimeout as sleep } from "node:timers/promises";
import { ComposeError } from "./compose-error.ts";
import { type Container, inspectContainers } from "./containers.ts";
import { capture } from "./podman.ts";

export type Goal = "running-or-healthy" | "healthy" | "completed";

export interface WaitOptions {
  /** In milliseconds, from now. */
  timeout?: number;
  /** Called once for each container that got there. */
  onReached: (container: Container) => void;
  /** What a health check's interval and start period are multiplied with. */
  timeScale: number;
}

const PAUSE = 250;

/**
 * Waits until every container has reached its goal. Without systemd nothing runs podman's health checks, so
 * this does: more often than their interval says, to hear of a success at once, while a container is given up
 * as unhealthy no sooner than the real engine would, after its start period and all its retries.
 */
export async function waitForContainers(
  ids: readonly string[],
  goal: Goal,
  options: WaitOptions,
): Promise<void> {
  const began = Date.now();
  let waiting = [...ids];
  for (;;) {
    const containers = await inspectContainers(waiting);
    for (const container of containers) {
      if (await hasReached(container, goal, Date.now() - began, options.timeScale)) {
        options.onReached(container);
        waiting = waiting.filter((id) => id !== container.id);
      }
    }
    if (waiting.length === 0) return;
    if (options.timeout !== undefined && Date.now() - began > options.timeout) {
      throw new ComposeError(`application not healthy after ${options.timeout / 1000}s`);
    }
    await sleep(PAUSE);
  }
}

async function hasReached(
  container: Container,
  goal: Goal,
  elapsed: number,
  timeScale: number,
): Promise<boolean> {
  const exited = container.status === "exited" || container.status === "stopped";
  if (goal === "completed") return exited && isCompleted(container);
  if (exited && !willRestart(container)) {
    throw new ComposeError(`container ${container.name} exited (${container.exitCode})`);
  }
  const check = container.healthcheck;
  if (check === undefined) {
    if (goal === "healthy")
      throw new ComposeError(`container ${container.name} has no healthcheck configured`);
    return container.status === "running";
  }
  if (container.status === "running" && (await isHealthy(container))) return true;
  if (elapsed >= (check.startPeriod + check.interval * check.retries) * timeScale) {
    throw new ComposeError(`container ${container.name} is unhealthy`);
  }
  return false;
}

/** Runs the container's health check now; podman keeps the result. */
export async function isHealthy(container: Container): Promise<boolean> {
  return (await capture("podman", ["healthcheck", "run", container.id])).exitCode === 0;
}

function isCompleted(container: Container): boolean {
  if (container.exitCode === 0) return true;
  throw new ComposeError(
    `service "${container.service}" didn't complete successfully: exit ${container.exitCode}`,
  );
}

function willRestart({ restartPolicy, exitCode }: Container): boolean {
  if (restartPolicy === "on-failure") return exitCode !== 0;
  return restartPolicy === "always" || restartPolicy === "unless-stopped";
}

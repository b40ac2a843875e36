import type { Healthcheck } from "./healthcheck.ts";
import { capture, podman } from "./podman.ts";

export interface Image {
  id: string;
  healthcheck: Healthcheck;
}

interface Inspected {
  Id: string;
  Healthcheck?: {
    Test?: string[];
    Interval?: number;
    Timeout?: number;
    StartPeriod?: number;
    Retries?: number;
  };
}

const NANOSECONDS = 1e6;

/** The image as it is on this machine, or undefined. */
async function findImage(reference: string): Promise<Image | undefined> {
  const outcome = await capture("podman", ["image", "inspect", reference]);
  if (outcome.exitCode !== 0) return undefined;
  const [image] = JSON.parse(outcome.stdout) as Inspected[];
  if (image === undefined) return undefined;
  const check = image.Healthcheck;
  return {
    id: image.Id,
    healthcheck: {
      disabled: check?.Test?.[0] === "NONE",
      ...(check?.Test ? { test: check.Test } : {}),
      ...(check?.Interval ? { interval: check.Interval / NANOSECONDS } : {}),
      ...(check?.Timeout ? { timeout: check.Timeout / NANOSECONDS } : {}),
      ...(check?.StartPeriod ? { startPeriod: check.StartPeriod / NANOSECONDS } : {}),
      ...(check?.Retries ? { retries: check.Retries } : {}),
    },
  };
}

/** Brings the image here by the policy (`always`, `missing`, `never`) and returns it. */
export async function pullImage(
  reference: string,
  policy: string,
  onPull: (text: string) => void,
): Promise<Image> {
  const present = policy === "always" ? undefined : await findImage(reference);
  if (present) return present;
  if (policy !== "never") {
    onPull(`Pulling ${reference}`);
    await podman("pull", "--quiet", reference);
  }
  const pulled = await findImage(reference);
  if (pulled) return pulled;
  throw new Error(`No such image: ${reference}`);
}

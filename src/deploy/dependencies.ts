import type { DeploymentBlock } from "../memo/deployment.ts";
import { type Image, readImage } from "./image.ts";
import { findKnownImage, type KnownImage } from "./known-images.ts";

/** Something that the service needs: a database, a queue. */
export interface Dependency {
  readonly name: string;
  /** Null where the memo names none: then it runs elsewhere, or nobody said. */
  readonly image: Image | null;
  /** What is known of its image; undefined where its layout is not. */
  readonly known: KnownImage | undefined;
}

/** Names of what the service needs and what nothing here starts. */
export function listElsewhere(block: DeploymentBlock): string[] {
  return listDependencies(block)
    .filter(({ image }) => image?.kind !== "pinned")
    .map(({ name }) => name);
}

/** A database that nobody sized: room for a small one, and a limit all the same. */
export const DEPENDENCY_LIMITS = { memory: "512m", cpus: 1 };

export function listDependencies(block: DeploymentBlock): Dependency[] {
  return (block.depends_on ?? []).map(({ name, image: text }) => {
    const image = text === undefined ? null : readImage(text);
    const known = image?.kind === "pinned" ? findKnownImage(image.reference) : undefined;
    return { name, image, known };
  });
}

import { stringify } from "yaml";
import * as z from "zod/mini";
import { ID_PATTERN } from "../platform/ids.ts";
import { NAME_PATTERN } from "../project/names.ts";
import { readYaml } from "../text/yaml-own.ts";

const HEADER = `# What \`vibeops prepare\` wrote, as it wrote it. A file that no longer has its hash was edited by a person and is
# never overwritten. Delete a file's line to give it up, or the file itself to have it made anew.
`;

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const id = z.string().check(z.regex(ID_PATTERN));
const port = z.int().check(z.minimum(1), z.maximum(65_535));

const manifestSchema = z.strictObject({
  memo: id,
  /** Of the deployment block: the memo's own bytes change with each ticked box. */
  block: hash,
  version: z.string(),
  host: z.string().check(z.regex(NAME_PATTERN)),
  /** The host of the preparation before, where that was another one; kept as long as the memo is the same. */
  came_from: z.optional(z.string().check(z.regex(NAME_PATTERN))),
  /** On the host's loopback address: kept from version to version, and no other service gets it. */
  port: z.optional(port),
  /** None as long as a blocking question leaves no steps to write. */
  runbook: z.optional(id),
  /** Where this goes back to an earlier version: the one that it leaves. */
  leaves: z.optional(z.string()),
  /** Path below the project's root → sha256. */
  files: z.record(z.string(), hash),
});

/** `deploy/<service>/prepared.yaml`: what the last preparation of a service left. */
export type Manifest = z.output<typeof manifestSchema>;

export function manifestPath(service: string): string {
  return `deploy/${service}/prepared.yaml`;
}

/** @throws VibeopsError `yaml.syntax`, `schema.invalid` */
export function readManifest(text: string, file: string): Manifest {
  return readYaml(text, manifestSchema, file).value;
}

export function formatManifest(manifest: Manifest): string {
  return HEADER + stringify(manifest, { lineWidth: 0 });
}

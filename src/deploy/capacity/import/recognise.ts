import { Exit, VibeopsError } from "../../../errors.ts";
import { readComposeConfig } from "./compose-config.ts";
import { readComposeLs, readDockerPs } from "./docker.ts";
import type { Found, Json } from "./found.ts";
import { readKubernetes } from "./kubernetes.ts";
import { readTerraform } from "./terraform.ts";

const MAX_LENGTH = 32 * 1024 * 1024;

/**
 * What a person pasted or piped in: output of docker, podman, kubectl or terraform.
 *
 * @param name what to call it in an error
 * @throws VibeopsError `inventory.import`
 */
export function recognise(text: string, name: string): Found {
  const plain = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (plain.length > MAX_LENGTH) throw refused(name, `it has more than ${MAX_LENGTH} characters`);
  if (plain.trim() === "") throw refused(name, "it is empty");
  const documents = readJson(plain);
  if (documents === null) return readComposeConfig(plain) ?? fail(name);
  const [document] = documents;
  const rows = documents.length === 1 && Array.isArray(document) ? document : documents;
  const found =
    readComposeLs(rows) ??
    readDockerPs(rows) ??
    (documents.length === 1
      ? (readKubernetes(document) ?? readTerraform(document) ?? readComposeConfig(plain))
      : null);
  return found ?? fail(name);
}

/** One document, or one on each line; null where it is no JSON. */
function readJson(text: string): Json[] | null {
  if (!/^\s*[[{]/.test(text)) return null;
  return parse([text]) ?? parse(text.split("\n").filter((line) => line.trim() !== ""));
}

function parse(texts: readonly string[]): Json[] | null {
  try {
    return texts.map((text): Json => JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function fail(name: string): never {
  throw refused(name, "it is none of the outputs that are known");
}

function refused(name: string, why: string): VibeopsError {
  return new VibeopsError({
    code: "inventory.import",
    exit: Exit.invalid,
    message: `nothing can be taken from ${name}: ${why}`,
    fix: "give it one of: docker compose ls --format json, docker compose config, docker ps --format json, kubectl get nodes,deployments,statefulsets -o json, terraform show -json",
  });
}

/** A container image as a memo names it: only a pinned one goes into configuration. */
export type Image =
  | { kind: "pinned"; reference: string; digest: boolean }
  | { kind: "unpinned"; reference: string }
  | { kind: "invalid"; text: string };

// The grammar of github.com/distribution/reference: registry, path, tag, digest.
const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const registry = `${label}(?:\\.${label})*(?::[0-9]{1,5})?`;
const component = "[a-z0-9]+(?:(?:[.]|_{1,2}|-+)[a-z0-9]+)*";
const REFERENCE = new RegExp(
  `^(?:(?<registry>${registry})/)?(?<path>${component}(?:/${component})*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
);

/** Registries accept 255 characters of name; with tag and digest nothing longer is a reference. */
const MAX_LENGTH = 512;

/**
 * Tags that are moved: the same name is another program tomorrow. One without a digit names no version, be it `main`,
 * `alpine` or `lts`, and the `latest` of something is no more than the latest.
 */
const MOVING_TAG = /^\D*$|(?:^|[._-])latest(?:[._-]|$)/i;

/** Reads an image reference; never throws. A digest pins whatever the tag says. */
export function readImage(text: string): Image {
  const groups = text.length <= MAX_LENGTH ? REFERENCE.exec(text)?.groups : undefined;
  if (groups === undefined) return { kind: "invalid", text };
  if (groups.digest !== undefined) return { kind: "pinned", reference: text, digest: true };
  const tag = groups.tag;
  if (tag === undefined || MOVING_TAG.test(tag)) return { kind: "unpinned", reference: text };
  return { kind: "pinned", reference: text, digest: false };
}

/** `16.4` of `postgres:16.4@sha256:…`; empty where there is none. */
export function imageTag(reference: string): string {
  return REFERENCE.exec(reference)?.groups?.tag ?? "";
}

/** `postgres` for `docker.io/library/postgres:16.4`; undefined when it is not one of Docker Hub's official images. */
export function officialImageName(reference: string): string | undefined {
  const groups = REFERENCE.exec(reference)?.groups;
  if (groups === undefined || !["docker.io", undefined].includes(groups.registry)) return undefined;
  const path = (groups.path ?? "").replace(/^library\//, "");
  return path.includes("/") ? undefined : path;
}

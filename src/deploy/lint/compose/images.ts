import { isDatabaseImage, isProxyImage } from "../../known-kinds.ts";
import type { Service } from "./service.ts";

/** Whether the image is made here: its name says nothing about where it comes from. */
export function isBuilt(service: Service): boolean {
  return service.get("build") !== undefined;
}

/** A variable before the first slash names a registry, or somebody's part of it. */
const REGISTRY_VARIABLE = /^\$(?:\w+|\{[^{}]*\})\/(?=.)/;

/** The reference with defaults filled in, also where its registry is not known; null where there is none, or only a variable. */
export function imageOf(service: Service): string | null {
  const image = service.get("image");
  return image?.filled || image?.fill(image.text.replace(REGISTRY_VARIABLE, "registry.invalid/")) || null;
}

export interface ImageName {
  /** The last part of its path: `postgres` of `docker.io/bitnami/postgres:16`. */
  readonly base: string;
  readonly path: string;
  readonly tag: string;
}

/** The image's name without registry and digest; null where it is not known. */
export function imageNameOf(service: Service): ImageName | null {
  const image = imageOf(service);
  if (image === null) return null;
  const [reference = ""] = image.toLowerCase().split("@", 1);
  const slash = reference.lastIndexOf("/");
  const [base = "", tag = ""] = reference.slice(slash + 1).split(":");
  return { base, path: reference.slice(0, slash + 1) + base, tag };
}

export function isDatabase(service: Service): boolean {
  return isDatabaseImage(imageOf(service)?.toLowerCase() ?? "");
}

const PROXY_NAME =
  /^(?:(?:reverse|edge|front)[-_]?)?(?:caddy|traefik|nginx|haproxy|envoy|proxy|gateway|ingress|lb|load-?balancer)$/i;

/** What stands before the others and talks with the world. */
export function isReverseProxy(service: Service): boolean {
  return isProxyImage(imageOf(service)?.toLowerCase() ?? "") || PROXY_NAME.test(service.name);
}

export function isCaddy(service: Service): boolean {
  return /^caddy/.test(imageNameOf(service)?.base ?? "");
}

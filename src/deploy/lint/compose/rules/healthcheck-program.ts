import { imageNameOf, isBuilt } from "../images.ts";
import type { ComposeRule } from "../rule.ts";
import type { Service } from "../service.ts";
import { hasHealthcheck } from "./healthcheck.ts";

// What the official images are made of, by their Dockerfiles on Docker Hub.
/** Whose name says what they are made of; anybody's own `caddy` may have been given a curl. */
const KNOWN =
  /^(?:docker\.io\/)?(?:postgis|pgvector|timescale|valkey)\/|(?:^|\/)library\/[^/]+$|^[^/]+$|distroless|chainguard/;
const WITHOUT_CURL =
  /^(?:postgres|postgis|pgvector|timescaledb|redis|valkey|mysql|mariadb|mongo|memcached|alpine|busybox|debian|ubuntu|traefik|caddy)$/;
const WITHOUT_CURL_SLIM = /^(?:node|python|ruby|golang|openjdk|eclipse-temurin)$/;
const WITHOUT_WGET = /^(?:mysql|mariadb|mongo|debian|ubuntu)$/;

export const healthcheckProgram: ComposeRule = {
  id: "compose.healthcheck-program",
  level: "error",
  summary: "a health check uses a program that the image has",
  why: "The check fails for ever otherwise, and whatever waits for it never starts.",
  *check({ services }) {
    for (const service of services) {
      const test = service.get("healthcheck", "test");
      if (test === undefined || isBuilt(service) || !hasHealthcheck(service)) continue;
      const program = firstProgram(
        test.shape === "list" ? test.items().map(({ text }) => text) : ["CMD-SHELL", test.text],
      );
      if (isMissing(program, service))
        yield {
          spot: test,
          message: `the image of '${service.name}' has no ${program}`,
          fix: "use a program of the image itself, as pg_isready, redis-cli, healthcheck.sh or node",
        };
    }
  },
};

function firstProgram([form = "", ...words]: readonly string[]): string {
  const first = form === "CMD-SHELL" ? (words[0]?.trim().split(/\s/, 1)[0] ?? "") : (words[0] ?? "");
  return first.slice(first.lastIndexOf("/") + 1);
}

function isMissing(program: string, service: Service): boolean {
  const image = imageNameOf(service);
  if (image === null || !KNOWN.test(image.path) || !["curl", "wget"].includes(program)) return false;
  if (/distroless|chainguard/.test(image.path)) return true;
  const isAlpine = image.tag.includes("alpine");
  const isSlim = image.tag.includes("slim");
  if (program === "wget")
    return (WITHOUT_WGET.test(image.base) && !isAlpine) || (WITHOUT_CURL_SLIM.test(image.base) && isSlim);
  return WITHOUT_CURL.test(image.base) || (WITHOUT_CURL_SLIM.test(image.base) && (isAlpine || isSlim));
}

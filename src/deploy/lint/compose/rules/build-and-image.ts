import type { ComposeRule } from "../rule.ts";

export const buildAndImage: ComposeRule = {
  id: "compose.build-and-image",
  level: "warning",
  style: true,
  summary: "a service has a build or an image, or says with `pull_policy` which one counts",
  why: "Whether Compose pulls or builds depends on what lies on the machine otherwise.",
  *check({ services }) {
    for (const service of services) {
      const build = service.get("build");
      if (
        build === undefined ||
        service.get("image") === undefined ||
        service.get("pull_policy") !== undefined
      )
        continue;
      yield {
        spot: build,
        message: `'${service.name}' has a build and an image`,
        fix: "add pull_policy: build",
      };
    }
  },
};

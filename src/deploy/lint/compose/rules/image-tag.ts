import { readImage } from "../../../image.ts";
import { imageOf, isBuilt } from "../images.ts";
import type { ComposeRule } from "../rule.ts";

export const imageTag: ComposeRule = {
  id: "compose.image-tag",
  level: "error",
  summary: "an image has an explicit tag, better a digest; never one that moves",
  why: "The same file starts another program tomorrow, and nobody can go back to the one before.",
  *check({ services }) {
    for (const service of services) {
      const spot = service.get("image");
      const image = imageOf(service);
      if (spot === undefined || image === null || isBuilt(service)) continue;
      const { kind } = readImage(image);
      if (kind === "unpinned")
        yield {
          spot,
          message: `the image of '${service.name}' has no tag that stays`,
          fix: "write NAME:VERSION, better NAME:VERSION@sha256:DIGEST",
        };
      if (kind === "invalid")
        yield {
          spot,
          message: `the image of '${service.name}' is no image reference`,
          fix: "write it as REGISTRY/NAME:VERSION, in lower case",
        };
    }
  },
};

import * as z from "zod/mini";
import { describeImpact, describeRest } from "../../release/describe-impact.ts";
import { findImpact } from "../../release/impact.ts";
import { markUntrusted } from "../untrusted.ts";
import { defineTool } from "./tool.ts";

export const impact = defineTool({
  name: "impact",
  description:
    "Says what a change reaches, by the files of this project: the services that it touches, those that depend on them, and of " +
    "each its host, owner, domains, ports, volumes, data, open runbooks and memos, each with its place. What it calls unknown, " +
    "ask a human. Name services, or a commit, or neither for what is not committed.",
  input: z.strictObject({
    services: z.optional(z.array(z.string().check(z.minLength(1))).check(z.maxLength(50))),
    since: z
      .optional(z.string().check(z.minLength(1), z.maxLength(200)))
      .check(z.describe("a commit, tag or branch; not together with services")),
  }),
  readOnly: true,
  async run({ services = [], since = "HEAD" }, { project, context, boundary }) {
    const found = await findImpact(project, services.length > 0 ? { services } : { since }, context);
    const blocks = describeImpact(found).map(({ head, rows }) => {
      return [head, ...rows.map(([label, text]) => `  ${label}: ${text}`)].join("\n");
    });
    const text = [...blocks, ...describeRest(found)].join("\n") || "no service is touched";
    return {
      text: markUntrusted(boundary, "impact", text),
      said: `impact: ${found.services.length} services`,
    };
  },
});

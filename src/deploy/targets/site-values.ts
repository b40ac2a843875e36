import type { TemplateValues } from "../../text/template.ts";
import type { SitePlan } from "../sites/site.ts";

/** The parts of a site for a target's runbook template; each empty where there is none. */
export function siteValues(site: SitePlan | null): TemplateValues {
  return {
    site: site !== null,
    proxy: site?.proxy ?? "",
    siteFirst: site?.first.trimEnd() ?? "",
    siteBefore: site?.before.trimEnd() ?? "",
    siteSteps: site?.steps.trimEnd() ?? "",
  };
}

import { type ComposeRule, wholeServices } from "../rule.ts";

export const noNewPrivileges: ComposeRule = {
  id: "compose.no-new-privileges",
  level: "warning",
  summary: "no process of a container may gain privileges",
  why: "A setuid program in an image makes an intruder root in the container otherwise.",
  *check(project) {
    for (const service of wholeServices(project)) {
      const options = service.items("security_opt").map(({ known }) => known.replaceAll(" ", ""));
      if (options.some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option))) continue;
      yield {
        spot: service,
        message: `'${service.name}' may gain privileges`,
        fix: "add security_opt: [no-new-privileges:true]",
      };
    }
  },
};

import type { ComposeRule } from "../rule.ts";

export const unconfined: ComposeRule = {
  id: "compose.unconfined",
  level: "error",
  summary: "seccomp, AppArmor and SELinux stay on",
  why: "They keep a container from the kernel's less guarded doors.",
  *check({ services }) {
    for (const service of services)
      for (const option of service.items("security_opt"))
        if (/^(?:(?:seccomp|apparmor|systempaths)[:=]unconfined|label[:=]disable)$/.test(option.known))
          yield {
            spot: option,
            message: `'${service.name}' runs with '${option.known}'`,
            fix: "delete it, or name a profile of its own",
          };
  },
};

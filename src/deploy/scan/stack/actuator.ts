import { type Fact, fact } from "../fact.ts";
import type { Facts } from "../facts.ts";
import { plainSetting, type SpringSettings } from "./spring-settings.ts";

/**
 * Where Spring Boot's Actuator answers for the service's health. Nothing where its settings say what only the
 * environment knows, or that it does not answer.
 *
 * @param dependency the place that asks for Actuator
 */
export function readActuator(
  dependency: Fact<string>,
  settings: SpringSettings,
): Pick<Facts, "healthPath" | "healthPort"> {
  const get = (name: string) => settings.get(plainSetting(name))?.value;
  const nothing = { healthPath: [], healthPort: [] };
  const included = get("management.endpoints.web.exposure.include") ?? "health";
  const isOff =
    get("management.endpoint.health.enabled") === "false" ||
    get("management.endpoint.health.access") === "none" ||
    !/(?:^|,)\s*(?:health|\*)\s*(?:,|$)/.test(included) ||
    /(?:^|,)\s*(?:health|\*)\s*(?:,|$)/.test(get("management.endpoints.web.exposure.exclude") ?? "");
  const port = get("management.server.port");
  const isApart = port !== undefined && port !== (get("server.port") ?? "8080");
  const parts = [
    isApart ? get("management.server.base-path") : get("server.servlet.context-path"),
    isApart ? undefined : get("spring.webflux.base-path"),
    get("management.endpoints.web.base-path") ?? "actuator",
    get("management.endpoints.web.path-mapping.health") ?? "health",
  ].map((part) => (part ?? "").replace(/^\/+|\/+$/g, ""));
  const isPlain = parts.every((part) => /^[\w./-]*$/.test(part)) && (!isApart || /^[1-9]\d{0,4}$/.test(port));
  if (isOff || !isPlain) return nothing;
  const path = `/${parts.filter((part) => part !== "").join("/")}`;
  return {
    healthPath: [fact(path, dependency, dependency.word)],
    healthPort: isApart
      ? [
          fact(
            Number(port),
            settings.get(plainSetting("management.server.port")) ?? dependency,
            "management.server.port",
          ),
        ]
      : [],
  };
}

import { join } from "node:path";
import type { Problem } from "../../rule.ts";
import type { ComposeProject } from "../project.ts";
import { type ComposeRule, isTask, wholeServices } from "../rule.ts";
import type { Service } from "../service.ts";

const HAS_CHECK = /^[ \t]*HEALTHCHECK[ \t]/im;

export const healthcheck: ComposeRule = {
  id: "compose.healthcheck",
  level: "warning",
  summary: "every service that stays up has a health check",
  why: "Without one nobody sees that it hangs, and nothing can wait for it. (In plain Compose a failing check restarts nothing: it only shows.)",
  *check(project) {
    for (const service of project.services) yield* wrongForm(service);
    for (const service of wholeServices(project)) {
      if (hasHealthcheck(service) || isTask(service, project) || isCheckedByImage(service, project)) continue;
      yield {
        spot: service.get("healthcheck") ?? service,
        message: `'${service.name}' has no health check`,
        fix: "add healthcheck: with a test: that uses a program which its image has",
      };
    }
  },
};

/** A list begins with a word that says what kind of check it is. */
function* wrongForm(service: Service): Generator<Problem> {
  const test = service.get("healthcheck", "test");
  const [form] = test?.items() ?? [];
  if (test === undefined || form === undefined || ["NONE", "CMD", "CMD-SHELL"].includes(form.text)) return;
  yield {
    spot: test,
    level: "error",
    message: `the health check of '${service.name}' does not say whether it is a CMD or a CMD-SHELL`,
    fix: "begin the list with CMD, or write one text instead of a list",
  };
}

export function hasHealthcheck(service: Service): boolean {
  if (service.get("healthcheck") === undefined || service.isOn("healthcheck", "disable")) return false;
  const test = service.get("healthcheck", "test");
  return test === undefined || (test.items()[0] ?? test).text !== "NONE";
}

/** Whether the Dockerfile that it is built from, as far as it can be read, has one. */
function isCheckedByImage(service: Service, { reader }: ComposeProject): boolean {
  const build = service.get("build");
  if (build === undefined) return false;
  const folder = build.shape === "map" ? build.get("context") : build;
  const context = folder === undefined ? "." : folder.filled;
  const inline = build.get("dockerfile_inline");
  if (inline !== undefined) return HAS_CHECK.test(inline.text);
  const file = build.get("dockerfile");
  const name = file === undefined ? "Dockerfile" : file.filled;
  const path = context === null || name === null ? null : reader.find(build, join(context, name));
  if (path === null) return false;
  const read = reader.read(path);
  return "source" in read && HAS_CHECK.test(read.source.text);
}

import type { Problem, Spot } from "../../rule.ts";
import { writtenServices } from "../project.ts";
import type { ComposeRule } from "../rule.ts";

const TOP = ["name", "version", "include", "services", "networks", "volumes", "secrets", "configs"];

export const order: ComposeRule = {
  id: "compose.order",
  level: "warning",
  style: true,
  summary: "services and what they depend on stand in the order of the alphabet, sections in the usual one",
  why: "A reader finds them at once, and a diff shows only what changed.",
  *check(project) {
    for (const layer of project.documents) {
      const sections = layer.entries().filter(({ key }) => TOP.includes(key));
      yield* outOfOrder(
        sections.map((entry) => ({
          key: String(TOP.indexOf(entry.key)).padStart(2, "0"),
          name: entry.key,
          spot: entry,
        })),
      );
      yield* outOfOrder(
        (layer.get("services")?.entries() ?? []).map((entry) => ({
          key: entry.key,
          name: entry.key,
          spot: entry,
        })),
      );
    }
    for (const { value } of writtenServices(project)) {
      const own = value.get("depends_on");
      yield* outOfOrder(
        (own?.items() ?? []).map((item) => ({ key: item.text, name: item.text, spot: item })),
      );
    }
  },
};

/** The first one that stands behind its place. */
function* outOfOrder(items: readonly { key: string; name: string; spot: Spot }[]): Generator<Problem> {
  const at = items.findIndex(({ key }, index) => index > 0 && key < (items[index - 1]?.key ?? ""));
  const item = items[at];
  if (item !== undefined)
    yield {
      spot: item.spot,
      message: `'${item.name}' stands behind '${items[at - 1]?.name}'`,
      fix: "move it up",
    };
}

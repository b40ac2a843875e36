import { isTrueText } from "../../compose-file/booleans.ts";
import { readShortMount, type ShortMount } from "../../compose-file/mounts.ts";
import type { Spot } from "../rule.ts";
import type { Service } from "./service.ts";
import type { Value } from "./value.ts";

/** One entry of `volumes:` of a service, short or long. */
export interface Mount extends Spot, Omit<ShortMount, "kind"> {
  readonly kind: ShortMount["kind"] | "tmpfs" | "other";
}

/** What can be read of them. */
export function readMounts(service: Service): Mount[] {
  return service.items("volumes").flatMap((value) => readMount(value) ?? []);
}

/** Null for what Compose would refuse. */
export function readMount(value: Value): Mount | null {
  const { source, offset } = value;
  if (value.shape === "map") {
    const [from = "", to = ""] = ["source", "target"].map((name) => {
      const field = value.get(name);
      return field === undefined ? "" : field.filled;
    });
    const kind = kindNamed(value.get("type")?.text ?? "");
    return { source, offset, kind, from, to, readOnly: isTrueText(value.get("read_only")?.text ?? "") };
  }
  const mount = readShortMount(value.text, value.fill);
  return mount === null ? null : { ...mount, source, offset };
}

function kindNamed(name: string): Mount["kind"] {
  return name === "volume" || name === "bind" || name === "tmpfs" ? name : "other";
}

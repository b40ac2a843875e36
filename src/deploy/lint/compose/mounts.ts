import { isTrueText } from "../../compose-file/booleans.ts";
import { readShortMount, type ShortMount } from "../../compose-file/mounts.ts";
import type { Spot } from "../rule.ts";
import { type ComposeProject, topEntries } from "./project.ts";
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

/**
 * As {@link readMounts}, a named volume that only leads to a place of the host shown as what it is:
 * `driver_opts: { type: none, o: bind, device: /PATH }`.
 */
export function readHostMounts(service: Service, project: ComposeProject): Mount[] {
  const volumes = new Map(topEntries(project, "volumes").map(({ key, value }) => [key, value]));
  return readMounts(service).map((mount) => {
    const options = mount.kind === "volume" ? volumes.get(mount.from ?? "")?.get("driver_opts") : undefined;
    const device = options?.get("device");
    if (device === undefined || !isBind(options?.get("o")?.known ?? "")) return mount;
    return { ...mount, kind: "bind", from: device.filled };
  });
}

function isBind(options: string): boolean {
  return options.split(",").some((option) => /^r?bind$/.test(option.trim()));
}

/** Null for what Compose would refuse. */
export function readMount(value: Value): Mount | null {
  const { source, offset } = value;
  if (value.shape === "map") {
    const [from = "", to = ""] = ["source", "target"].map((name) => {
      const field = value.get(name);
      return field === undefined ? "" : field.filled;
    });
    const kind = kindNamed(value.get("type")?.known ?? "");
    return { source, offset, kind, from, to, readOnly: isTrueText(value.get("read_only")?.known ?? "") };
  }
  const mount = readShortMount(value.text, value.fill);
  return mount === null ? null : { ...mount, source, offset };
}

function kindNamed(name: string): Mount["kind"] {
  return name === "volume" || name === "bind" || name === "tmpfs" ? name : "other";
}

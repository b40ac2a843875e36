import { readShortMount } from "../../compose-file/mounts.ts";
import { at, itemsOf, type Located } from "../../located/located.ts";
import type { Fact } from "../fact.ts";
import type { FoundVolume } from "../facts.ts";
import type { ReadText, ServiceReader } from "./service-reader.ts";

type Mount =
  | { kind: "volume"; name: string; target: string; read: ReadText }
  | { kind: "bind"; source: string; target: string; read: ReadText }
  | { kind: "other"; target: string; read: ReadText };

/** Named volumes, and remarks on folders of the host: whether those are data, only a person knows. */
export function readMounts(reader: ServiceReader): { volume: Fact<FoundVolume>[]; remark: Fact<string>[] } {
  const mounts = new Map<string, Mount>();
  for (const node of itemsOf(reader.get("volumes"))) {
    const mount = node.kind === "map" ? readLong(reader, node) : readShort(reader, node);
    // What a later file mounts at the same place stands instead of it.
    if (mount !== null) mounts.set(mount.target, mount);
  }
  const volume: Fact<FoundVolume>[] = [];
  const remark: Fact<string>[] = [];
  for (const mount of mounts.values()) {
    if (mount.kind === "volume")
      volume.push(reader.fact({ name: mount.name, path: mount.target }, mount.read, "volumes"));
    else if (mount.kind === "bind")
      remark.push(
        reader.fact(`mounts ${mount.source} of the host at ${mount.target}`, mount.read, "volumes"),
      );
  }
  return { volume, remark };
}

function readLong(reader: ServiceReader, node: Located): Mount | null {
  const target = reader.text(at(node, "target"));
  if (target === undefined) return null;
  const source = reader.text(at(node, "source")) ?? target;
  const type = reader.text(at(node, "type"))?.text ?? "volume";
  if (type === "bind") return { kind: "bind", source: source.text, target: target.text, read: source };
  if (type !== "volume" || source === target) return { kind: "other", target: target.text, read: target };
  return { kind: "volume", name: source.text, target: target.text, read: source };
}

/** What depends on a variable of the machine is known by nobody here. */
function readShort(reader: ServiceReader, node: Located): Mount | null {
  const read = reader.text(node);
  const mount = read === undefined ? null : readShortMount(read.text, (part) => part);
  if (read === undefined || mount === null) return null;
  const { kind, from, to } = mount;
  if (from === null || to === null) return null;
  if (from === "") return { kind: "other", target: to, read };
  if (kind === "volume" && !/^[A-Za-z0-9][\w.-]*$/.test(from)) return null;
  return kind === "volume"
    ? { kind, name: from, target: to, read }
    : { kind: "bind", source: from, target: to, read };
}

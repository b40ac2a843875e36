import { fillDefaults } from "../../interpolate.ts";
import type { Spot } from "../rule.ts";
import type { Service } from "./service.ts";
import type { Value } from "./yaml-value.ts";

/** One entry of `volumes:` of a service, short or long. */
export interface Mount extends Spot {
  readonly kind: "volume" | "bind" | "tmpfs" | "other";
  /** A volume's name or a path of the host; empty for an anonymous volume, null where a variable decides. */
  readonly from: string | null;
  /** Where the container sees it; null where a variable decides. */
  readonly to: string | null;
  readonly readOnly: boolean;
}

export function readMounts(service: Service): Mount[] {
  return service.items("volumes").map(readMount);
}

function readMount(value: Value): Mount {
  const { source, offset } = value;
  if (value.shape === "map") {
    const [from, to] = ["source", "target"].map((name) => fillDefaults(value.get(name)?.text ?? ""));
    const kind = kindNamed(value.get("type")?.text ?? "");
    const readOnly = value.get("read_only")?.text === "true";
    return { source, offset, kind, from: from ?? null, to: to ?? null, readOnly };
  }
  // Variables are filled in after the split: what a default holds may have colons.
  const parts = splitShort(value.text);
  const [first = "", second] = parts;
  const from = second === undefined ? "" : fillDefaults(first);
  const to = fillDefaults(second ?? first);
  const readOnly = (parts[2] ?? "").split(",").includes("ro");
  return { source, offset, kind: kindOf(from ?? first), from, to, readOnly };
}

function kindNamed(name: string): Mount["kind"] {
  return name === "volume" || name === "bind" || name === "tmpfs" ? name : "other";
}

function kindOf(from: string): Mount["kind"] {
  return /^(?:[./~$\\]|[A-Za-z]:[\\/])/.test(from) ? "bind" : "volume";
}

/** `C:\data:/data:ro` and `${DIR:-./x}:/y` have colons that part nothing. */
function splitShort(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "{") depth += 1;
    else if (character === "}") depth -= 1;
    else if (character === ":" && depth <= 0 && !isDrive(text, start, at)) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function isDrive(text: string, start: number, colon: number): boolean {
  return colon === start + 1 && /[A-Za-z]/.test(text[start] ?? "") && /[\\/]/.test(text[colon + 1] ?? "");
}

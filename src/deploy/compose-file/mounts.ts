/** What `volumes:` of a service mounts, in its short form. */
export interface ShortMount {
  readonly kind: "volume" | "bind";
  /** A volume's name or a path of the host; empty for an anonymous volume, null where a variable decides. */
  readonly from: string | null;
  /** Where the container sees it; null where a variable decides. */
  readonly to: string | null;
  readonly readOnly: boolean;
}

/**
 * `name:/path:ro`, `./folder:/path`, `C:\folder:/path`, `/anonymous`; null for what has no such form.
 *
 * @param fill puts the variables into a part: they are put in after the split, since a default may have colons
 */
export function readShortMount(text: string, fill: (part: string) => string | null): ShortMount | null {
  const parts = splitColons(text);
  const [first = "", second, mode = ""] = parts;
  if (parts.length > 3 || parts.some((part) => part === "")) return null;
  const from = second === undefined ? "" : fill(first);
  const readOnly = mode.split(",").includes("ro");
  return { kind: kindOf(from ?? first), from, to: fill(second ?? first), readOnly };
}

function kindOf(from: string): ShortMount["kind"] {
  return /^(?:[./~$\\]|[A-Za-z]:[\\/])/.test(from) ? "bind" : "volume";
}

/** `C:\data:/data:ro` and `${DIR:-./x}:/y` have colons that part nothing. */
function splitColons(text: string): string[] {
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

/** A drive letter keeps its colon: the target may have one, too, in a container of Windows. */
function isDrive(text: string, start: number, colon: number): boolean {
  const next = text[colon + 1] ?? "";
  return (
    colon === start + 1 && /[A-Za-z]/.test(text[start] ?? "") && (start === 0 ? /[\\/]/ : /\\/).test(next)
  );
}

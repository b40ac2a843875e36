import type { Redirection } from "unbash";
import type { World } from "./call.ts";
import { judgeHost } from "./hosts.ts";
import { hasMarker, showMarkers } from "./markers.ts";
import { secretKind } from "./paths.ts";
import { exfil, live, opaque, type Verdict } from "./verdict.ts";

/** What a redirection touches: bash's own network devices, files that are written, secrets that are read. */
export function judgeRedirection(operator: string, target: string, world: World): Verdict | null {
  const network = /^\/dev\/(?:tcp|udp)\/([^/]*)/.exec(target);
  if (network) return judgeNetwork(network[1] ?? "", target, world);
  if (/^\/dev\/[^/]*[\uE000\uE001]/.test(target)) return opaque(`It opens "${showMarkers(target)}".`, target);
  if (/^[<>]&$/.test(operator) && /^(\d+-?|-)$/.test(target)) return null;
  if (operator === "<") return judgeRead(target, world);
  if (operator === "<&")
    return hasMarker(target) ? opaque("Which file it reads is not known.", showMarkers(target)) : null;
  return world.judgeWrite(target);
}

function judgeNetwork(host: string, target: string, world: World): Verdict | null {
  const kind = judgeHost(host, world.facts);
  if (kind === "loopback" || kind === "local") return null;
  const what = kind === "known" ? "a host of the inventory" : "another machine";
  return live(`"${showMarkers(target)}" is bash's way to reach ${what}.`, target);
}

function judgeRead(target: string, world: World): Verdict | null {
  const kind = secretKind(target);
  if (kind !== null) world.noteSecret();
  return kind === "private" ? opaque(`It reads "${target}", which holds credentials.`, target) : null;
}

/** A shell whose input or output is another machine. */
export function judgeReverseShell(program: string, redirects: readonly Redirection[]): Verdict | null {
  if (!/(^|\/)(ba|da|z|k|a)?sh$/.test(program)) return null;
  const target = redirects.find(
    (redirect) => redirect.type === "Redirect" && /^\/dev\/(tcp|udp)\//.test(redirect.target?.value ?? ""),
  );
  return target ? exfil(`"${program}" hands a shell of this machine to another one.`, program) : null;
}

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { runProcess } from "../platform/process.ts";
import type { InventoryHost } from "../project/inventory.ts";
import { fingerprint } from "./ssh-key.ts";

/** A host that a key of the person's known_hosts vouches for. */
interface HostKey {
  readonly fingerprint: string;
  /** The line of known_hosts. */
  readonly line: string;
}

/** Which machine a name of the inventory stands for, as the person's own ssh sees it. */
export interface HostIdentity {
  readonly name: string;
  /**
   * `user@host:port`, with the way there where it leads over others and the name that its key is looked up by where
   * that is another; `local` for this machine.
   */
  readonly resolved: string;
  readonly keys: readonly HostKey[];
}

/**
 * Resolves a host as ssh would (`ssh -G`: the person's own configuration, as the connection itself uses it) and
 * finds its keys in the person's known_hosts. Where the inventory pins keys, others do not count. Connects nowhere.
 *
 * @throws VibeopsError `host.unresolved`
 */
export async function identifyHost(
  name: string,
  host: InventoryHost,
  env: Context["env"],
): Promise<HostIdentity> {
  if (host.transport === "local") return { name, resolved: "local", keys: [] };
  const settings = await readSshSettings(name, host.address ?? name, env);
  const lookup = lookupName(settings);
  const found = await Promise.all(knownHostsFiles(settings, env).map((file) => findKeys(lookup, file, env)));
  const keys = found.flat().filter((key) => host.host_keys?.includes(key.fingerprint) ?? true);
  return { name, resolved: describeDestination(settings), keys };
}

type Settings = ReadonlyMap<string, string>;

async function readSshSettings(name: string, address: string, env: Context["env"]): Promise<Settings> {
  const result = await runProcess("ssh", ["-G", "--", address], { env, timeoutMs: 30_000 });
  if (result.exitCode !== 0) {
    throw new VibeopsError({
      code: "host.unresolved",
      exit: Exit.invalid,
      message: `ssh cannot tell where ${name} is: ${result.stderr.trim().split("\n").at(-1) ?? ""}`,
      fix: `try: ssh -G ${address}`,
    });
  }
  const lines = result.stdout.split("\n").map((line) => /^(\S+) (.*)$/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[1] ?? "", match[2] ?? ""]] : [])));
}

function describeDestination(settings: Settings): string {
  const way = settings.get("proxyjump") ?? settings.get("proxycommand");
  const alias = settings.get("hostkeyalias");
  const host = `${settings.get("hostname") ?? ""}:${settings.get("port") ?? "22"}`;
  return [
    `${settings.get("user") ?? ""}@${host}`,
    ...(way === undefined || way === "none" ? [] : [`over ${way}`]),
    ...(alias === undefined || alias === "none" ? [] : [`with the key of ${alias}`]),
  ].join(" ");
}

/** The name under which ssh looks a host up in known_hosts. */
function lookupName(settings: Settings): string {
  const alias = settings.get("hostkeyalias");
  if (alias !== undefined && alias !== "none") return alias;
  const host = settings.get("hostname") ?? "";
  const port = settings.get("port") ?? "22";
  return port === "22" ? host : `[${host}]:${port}`;
}

function knownHostsFiles(settings: Settings, env: Context["env"]): string[] {
  const words = `${settings.get("userknownhostsfile") ?? ""} ${settings.get("globalknownhostsfile") ?? ""}`;
  const home = env.HOME ?? homedir();
  const files = words.split(" ").filter((word) => word !== "" && word !== "none");
  return files.map((file) => (file.startsWith("~/") ? join(home, file.slice(2)) : file)).filter(isReadable);
}

function isReadable(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

async function findKeys(lookup: string, file: string, env: Context["env"]): Promise<HostKey[]> {
  const result = await runProcess("ssh-keygen", ["-F", lookup, "-f", file], { env });
  const lines = result.stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.flatMap((line) => {
    // A marker (@cert-authority, @revoked) stands before the names, type and key after them.
    const words = line.split(/\s+/);
    const key = words[words[0]?.startsWith("@") ? 3 : 2];
    return key === undefined || words[0] === "@revoked" ? [] : [{ fingerprint: fingerprint(key), line }];
  });
}

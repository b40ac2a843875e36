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
   * that is another; `local` for this machine. Which key logs in says nothing about the machine.
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
  const settings = await readSshSettings(name, { address: host.address ?? name, options: [] }, env);
  const lookup = lookupName(settings);
  const found = await Promise.all(knownHostsFiles(settings, env).map((file) => findKeys(lookup, file, env)));
  const keys = found.flat().filter((key) => host.host_keys?.includes(key.fingerprint) ?? true);
  return { name, resolved: await describeRoute(name, settings, env), keys };
}

/** What `ssh -G` prints; a setting may stand there several times. */
type Settings = ReadonlyMap<string, readonly string[]>;

interface Destination {
  readonly address: string;
  /** Such as a port that a jump host's entry names. */
  readonly options: readonly string[];
}

async function readSshSettings(
  name: string,
  { address, options }: Destination,
  env: Context["env"],
): Promise<Settings> {
  const result = await runProcess("ssh", ["-G", ...options, "--", address], { env, timeoutMs: 30_000 });
  if (result.exitCode !== 0) {
    throw new VibeopsError({
      code: "host.unresolved",
      exit: Exit.invalid,
      message: `ssh cannot tell where ${name} is: ${result.stderr.trim().split("\n").at(-1) ?? ""}`,
      fix: `try: ssh -G ${address}`,
    });
  }
  const settings = new Map<string, string[]>();
  for (const line of result.stdout.split("\n")) {
    const [, key = "", value = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
    settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

/** A setting, unless it is not there or says "none". */
function settingOf(settings: Settings, key: string): string | undefined {
  const value = settings.get(key)?.[0];
  return value === "none" ? undefined : value;
}

/** Jump hosts lead over jump hosts, but not without end. */
const MAX_JUMPS = 4;

async function describeRoute(
  name: string,
  settings: Settings,
  env: Context["env"],
  depth = 0,
): Promise<string> {
  const at = (key: string) => settingOf(settings, key) ?? "";
  const command = settingOf(settings, "proxycommand");
  const alias = settingOf(settings, "hostkeyalias");
  return [
    `${at("user")}@${at("hostname")}:${at("port")}`,
    ...(await describeJumps(name, settings, env, depth)),
    ...(command === undefined ? [] : [`over ${command}`]),
    ...(alias === undefined ? [] : [`with the key of ${alias}`]),
  ].join(" ");
}

/** Each jump host with where it leads: its alias in the configuration may change and keep its name. */
async function describeJumps(
  name: string,
  settings: Settings,
  env: Context["env"],
  depth: number,
): Promise<string[]> {
  const jumps = settingOf(settings, "proxyjump")?.split(",") ?? [];
  return await Promise.all(
    jumps.map(async (jump) => {
      const destination = depth < MAX_JUMPS ? parseJump(jump) : null;
      return destination === null
        ? `over ${jump}`
        : `over ${jump} (${await describeJump(name, destination, env, depth)})`;
    }),
  );
}

/** Where ssh cannot tell, as for a jump host that leads over itself, the connection fails too, and sends nothing. */
async function describeJump(
  name: string,
  destination: Destination,
  env: Context["env"],
  depth: number,
): Promise<string> {
  try {
    return await describeRoute(name, await readSshSettings(name, destination, env), env, depth + 1);
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "host.unresolved") return "nobody knows where";
    throw error;
  }
}

/** `[user@]host[:port]`, or the same as an ssh URI. */
function parseJump(jump: string): Destination | null {
  const form = /^(?:ssh:\/\/)?(?:(?<user>[^@]+)@)?(?:\[(?<six>[^\]]+)\]|(?<host>[^:@]+))(?::(?<port>\d+))?$/;
  const { user, six, host, port } = form.exec(jump)?.groups ?? {};
  const address = six ?? host;
  if (address === undefined) return null;
  const options = [...(user === undefined ? [] : ["-l", user]), ...(port === undefined ? [] : ["-p", port])];
  return { address, options };
}

/** The name under which ssh looks a host up in known_hosts. */
function lookupName(settings: Settings): string {
  const alias = settingOf(settings, "hostkeyalias");
  if (alias !== undefined) return alias;
  const host = settingOf(settings, "hostname") ?? "";
  const port = settingOf(settings, "port") ?? "22";
  return port === "22" ? host : `[${host}]:${port}`;
}

function knownHostsFiles(settings: Settings, env: Context["env"]): string[] {
  const words = `${settings.get("userknownhostsfile")?.[0] ?? ""} ${settings.get("globalknownhostsfile")?.[0] ?? ""}`;
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

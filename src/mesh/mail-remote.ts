import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { sha256 } from "../platform/hash.ts";
import { PROJECT_FILE } from "../project/discovery.ts";
import type { Project } from "../project/project.ts";

/** A git repository that carries mail. */
export interface MailRemote {
  /** As git is given it: an address, or an absolute path. */
  readonly url: string;
  /** The only transport that git may use for it. */
  readonly protocol: "file" | "ssh" | "https";
  /** Names it in the person's state folder. */
  readonly key: string;
}

/**
 * Reads a peer's git address. Everything that would make git start another program than ssh is refused, and so is
 * what would send memos in the clear or keep a password in vibeops.yaml.
 *
 * @throws VibeopsError `mesh.address`
 */
export function readMailRemote(project: Project, peer: string, env: Context["env"]): MailRemote {
  const address = project.config.peers[peer]?.git ?? "";
  const refuse = (why: string, fix: string) => refusal(project, peer, why, fix);
  if (UNPRINTABLE.test(address)) throw refuse("it holds a control character", "take it out");
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  const isShort = /^(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:[^/]?/.test(address);
  // A path may hold spaces, as that of a stick does.
  const isPath = scheme === "file" || (scheme === undefined && !isShort);
  if (!isPath && /\s/u.test(address))
    throw refuse("it holds a space", "write it as a URL with %20: ssh://git@host/my%20mail.git");
  if (address.includes("::"))
    throw refuse("'::' lets git start any program", `write ssh://, https:// or a path`);
  if (scheme === "file") return remote(pathOfUrl(address, refuse), "file");
  if (scheme === "ssh" || scheme === "https") return remote(requireHost(address, refuse), scheme);
  if (scheme !== undefined) {
    throw refuse(`'${scheme}' does not keep memos from being read on the way`, "use ssh:// or https://");
  }
  if (isShort) return remote(address, "ssh");
  return remote(absolutePath(project, address, env), "file");
}

const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/u;

type Refuse = (why: string, fix: string) => VibeopsError;

/** In a URL of a path too, what no URL holds is written with a `%`. */
function pathOfUrl(address: string, refuse: Refuse): string {
  const path = /^file:\/\/(?:localhost)?(\/.*)$/i.exec(address)?.[1];
  if (path === undefined)
    throw refuse("it names no folder of this machine", "file:///media/stick/mail.git, or the path alone");
  try {
    const plain = decodeURIComponent(path);
    if (!UNPRINTABLE.test(plain)) return plain;
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  throw refuse("a '%' in it begins no character of a path", "write the path alone, as it is");
}

function requireHost(address: string, refuse: Refuse): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^[A-Za-z0-9[]/.test(url.hostname))
    throw refuse("it names no host", "ssh://git@host/mail.git");
  if (url.password === "") return address;
  throw refuse(
    "it holds a password, which vibeops.yaml would keep for ever",
    "take it out, change it, and use an SSH key or git's credential helper",
  );
}

function absolutePath(project: Project, path: string, env: Context["env"]): string {
  if (path.startsWith("~/")) return join(env.HOME ?? homedir(), path.slice(2));
  return resolve(project.root, path);
}

function remote(url: string, protocol: MailRemote["protocol"]): MailRemote {
  return { url, protocol, key: sha256(url).slice(0, 16) };
}

function refusal(project: Project, peer: string, why: string, fix: string): VibeopsError {
  return new VibeopsError({
    code: "mesh.address",
    exit: Exit.invalid,
    message: `the git address of peer '${peer}' is not used: ${why}`,
    file: join(project.root, PROJECT_FILE),
    line: project.lineOf(["peers", peer, "git"]),
    fix,
  });
}

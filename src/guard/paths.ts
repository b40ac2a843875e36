import { posix } from "node:path";
import { GLOB, PLAIN, UNKNOWN } from "./markers.ts";

/** Where relative paths start when the project's place is not known. */
export const virtualRoot = "/\u0001project";

const temporary = /^\/(tmp|var\/tmp|private\/tmp|dev\/shm)\/./;
const harmlessDevice = /^\/dev\/(null|zero|stdout|stderr|stdin|tty|full|fd\/\d+)$/;

/** Files that decide what the gate does or that prove what happened: written by vibeops or a person only. */
const protectedPaths: readonly { pattern: RegExp; reason: string }[] = [
  { pattern: /^\.vibeops(\/|$)/, reason: "running sessions and queues lie there" },
  { pattern: /^memos(\/|$)/, reason: "memos change through 'vibeops memo' only" },
  {
    pattern: /^runbooks\/[^/]*\/?(approvals|records|record\.md)(\/|$)/,
    reason: "approvals and records prove what happened",
  },
  { pattern: /^runbooks\/?$/, reason: "approvals and records prove what happened" },
  { pattern: /(^|\/)approvals\//, reason: "approvals are a person's" },
  { pattern: /^(vibeops|policy|inventory)\.ya?ml$/, reason: "it decides what needs an approval" },
  { pattern: /(^|\/)\.git(\/|$)/, reason: "hooks and settings in there run programs" },
  { pattern: /^\.(claude|codex|gemini)(\/|$)/, reason: "it holds the guard's own configuration" },
  { pattern: /^\.mcp\.json$/, reason: "it starts programs" },
  { pattern: /(^|\/)node_modules\/\.bin\/./, reason: "programs of the project run from there" },
];

/** Why a file must not be written, or null. `folder` is where relative paths start, null when unknown. */
export function refuseWrite(path: string, folder: string | null, root: string): string | null {
  if (path === "" || path === "-" || harmlessDevice.test(path)) return null;
  // A program that prints a path names the project's folder or a temporary one; what follows may lead out again.
  if (path.startsWith(PLAIN)) return refuseWrite(`./${path.slice(1)}`, root, root);
  if (path.startsWith(UNKNOWN)) return "what it writes is not known";
  if (path.startsWith("~")) return "it lies in the home folder, outside the project";
  if (!path.startsWith("/") && folder === null) return "the folder that it runs in is not known";
  const absolute = posix.resolve(folder ?? root, path);
  if (temporary.test(`${absolute}/.`) && absolute !== "/tmp") return null;
  if (absolute === "/tmp") return null;
  const relative = posix.relative(root, absolute);
  if (relative === ".." || relative.startsWith("../")) return "it lies outside the project";
  if (relative === "") return null;
  if (/^[^/]*\uE000/.test(relative)) return "what it writes is not known";
  return protectedReason(relative);
}

/** The folder after `cd path`; null when it is not known. */
export function enterFolder(folder: string | null, path: string): string | null {
  if (path === PLAIN) return folder;
  if (/[\uE000-\uE002]/.test(path)) return null;
  if (path.startsWith("~")) return posix.join("/home/~", path.slice(1));
  if (path.startsWith("/")) return posix.normalize(path);
  return folder === null ? null : posix.resolve(folder, path);
}

/** A pattern may find a protected file, so what stands before it decides. */
function protectedReason(relative: string): string | null {
  const fixed = relative.split(GLOB)[0]?.split(UNKNOWN)[0] ?? "";
  const lower = relative.toLowerCase();
  return (
    protectedPaths.find(({ pattern }) => pattern.test(lower) || pattern.test(fixed.toLowerCase()))?.reason ??
    null
  );
}

const home = "(?:~[^/]*|/root|/home/[^/]+|/Users/[^/]+)";
/** Credentials in the home folder, the folder as a whole, and keys wherever they lie. */
const privateFile = new RegExp(
  `^${home}/?(?:$|/(?:\\.(?:aws|kube|gnupg|azure|password-store)(?:/|$)|\\.netrc|\\.pgpass|\\.my\\.cnf|` +
    `\\.git-credentials|\\.docker/config|\\.npmrc|\\.pypirc|\\.config/(?:gcloud|gh|doctl|vibeops|rclone|hub)|` +
    "\\.vault-token|\\.terraform\\.d/credentials|\\.bash_history|\\.zsh_history))" +
    "|(?:^|/)\\.ssh(?:/?$|/(?!config$|known_hosts|.*\\.pub$|$).)|(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519)$" +
    "|^/etc/(?:shadow|gshadow|sudoers|ssl/private|kubernetes)|^/proc/[^/]+/(?:environ|mem)|^/run/secrets",
);
const projectSecret =
  /(^|\/)(\.env(\.(?!example|sample|template|dist)[\w.-]+)?|[^/]*\.(pem|key|p12|pfx|kdbx)|secrets?\.(ya?ml|json|env)|credentials(\.json)?|\.npmrc|\.pypirc|\.netrc)$/i;

/** `private`: a credential of the person. `project`: a secret of the project, which may be read but not sent. */
export function secretKind(path: string): "private" | "project" | null {
  const bare = path.replace(/^(?:-\w)?@|^[\w-]+=@?/, "").replace(/^\/+/, "/");
  if (privateFile.test(bare) || privateFile.test(posix.normalize(bare))) return "private";
  return projectSecret.test(bare) ? "project" : null;
}

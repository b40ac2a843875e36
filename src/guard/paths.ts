import { posix } from "node:path";
import type { GuardFacts } from "./facts.ts";
import { PLAIN, UNKNOWN } from "./markers.ts";
import { protectedReason } from "./protected-paths.ts";

/** Where relative paths start when the project's place is not known. */
export const virtualRoot = "/\u0001project";

const temporary = /^\/(tmp|var\/tmp|private\/tmp|dev\/shm)\/./;
const harmlessDevice = /^\/dev\/(null|zero|stdout|stderr|stdin|tty|full|fd\/\d+)$/;

/** Why a file must not be written by a shell, or null. `folder` is where relative paths start, null when unknown. */
export function refuseWrite(path: string, folder: string | null, root: string): string | null {
  if (path === "" || path === "-" || harmlessDevice.test(path)) return null;
  // A program that prints a path names the project's folder or a temporary one; what follows may lead out again.
  if (path.startsWith(PLAIN)) return refuseWrite(`./${path.slice(1)}`, root, root);
  if (path.startsWith(UNKNOWN)) return "what it writes is not known";
  if (path.startsWith("~")) return "it lies in the home folder, outside the project";
  if (!path.startsWith("/") && folder === null) return "the folder that it runs in is not known";
  const absolute = posix.resolve(folder ?? root, path);
  const relative = posix.relative(root, absolute);
  if (relative === "") return null;
  if (leadsOut(relative)) return refuseOutside(path, absolute, folder ?? root, root);
  if (/^[^/]*\uE000/.test(relative)) return "what it writes is not known";
  return protectedReason(relative, "shell");
}

/** Why a word, if it is a path, names a file that is protected; null for any other, and where nothing is certain. */
export function refuseNamed(word: string, folder: string | null, root: string): string | null {
  if (folder === null || !/^[^-~\uE000-\uE002]/.test(word)) return null;
  const relative = posix.relative(root, posix.resolve(folder, word));
  return relative === "" || relative.startsWith("..") ? null : protectedReason(relative, "shell");
}

/** The same for what only the disk knows; a path that is not known in full is not looked for. */
export function refuseOnDisk(path: string, folder: string | null, facts: GuardFacts): string | null {
  const { refuseOnDisk: refuse, projectRoot } = facts;
  if (refuse === undefined || path === "" || path === "-" || harmlessDevice.test(path)) return null;
  if (/[\uE000-\uE002]/.test(path)) return null;
  return refuse(posix.resolve(folder ?? projectRoot ?? "/", path));
}

function refuseOutside(path: string, absolute: string, folder: string, root: string): string | null {
  // Settings and hooks of a repository are programs that git runs, wherever it lies.
  if (/\/\.git(\/|$)/.test(absolute)) return "it is the .git of a repository";
  return isFreeToAll(path, absolute, folder, root) ? null : "it lies outside the project";
}

/** A way up and out of a project that itself lies in a temporary folder leads to its neighbours. */
function isFreeToAll(path: string, absolute: string, folder: string, root: string): boolean {
  const isNeighbour = !path.startsWith("/") && !leadsOut(posix.relative(root, folder));
  return isTemporary(absolute) && !isNeighbour;
}

function leadsOut(relative: string): boolean {
  return relative === ".." || relative.startsWith("../");
}

/** A folder that is known, and is the root or lies below it. */
export function isWithin(folder: string | null, root: string): boolean {
  return folder !== null && !leadsOut(posix.relative(root, folder));
}

/** Where everybody may write, the folder itself included. */
export function isTemporary(absolute: string): boolean {
  return absolute === "/tmp" || temporary.test(`${absolute}/.`);
}

/** The folder after `cd path`; null when it is not known. */
export function enterFolder(folder: string | null, path: string): string | null {
  if (path === PLAIN) return folder;
  if (/[\uE000-\uE002]/.test(path)) return null;
  if (path.startsWith("~")) return posix.join("/home/~", path.slice(1));
  if (path.startsWith("/")) return posix.normalize(path);
  return folder === null ? null : posix.resolve(folder, path);
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
  /(^|\/)(\.env(\.(?!example|sample|template|dist)[\w.-]+)?|[^/]*\.(pem|key|p12|pfx|kdbx)|secrets?\.(ya?ml|json|env)|credentials(\.json)?|\.npmrc|\.pypirc|\.netrc)$/;
/** One of these is in every path that the patterns know: most words are none, and a pattern's first use costs much. */
const secretHints =
  "~ .env .pem .key .p12 .pfx .kdbx secret credentials .npmrc .pypirc .netrc .ssh id_ /root /home/ /users/ /etc/ /proc/ /run/".split(
    " ",
  );

/** `private`: a credential of the person. `project`: a secret of the project, which may be read but not sent. */
export function secretKind(path: string): "private" | "project" | null {
  const lower = path.toLowerCase();
  if (!secretHints.some((hint) => lower.includes(hint))) return null;
  const bare = path.replace(/^(?:-\w)?@|^[\w-]+=@?/, "").replace(/^\/+/, "/");
  if (privateFile.test(bare) || privateFile.test(posix.normalize(bare))) return "private";
  return projectSecret.test(bare.toLowerCase()) ? "project" : null;
}

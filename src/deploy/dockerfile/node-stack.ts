import type { ReadFile, Stack } from "./stack.ts";

type PackageManager = "npm" | "pnpm" | "yarn";

const LOCKS: readonly (readonly [PackageManager, string])[] = [
  ["npm", "package-lock.json"],
  ["pnpm", "pnpm-lock.yaml"],
  ["yarn", "yarn.lock"],
];

const INSTALL: Readonly<Record<PackageManager, readonly string[]>> = {
  npm: ["npm ci"],
  pnpm: ["corepack enable", "pnpm install --frozen-lockfile"],
  yarn: ["corepack enable", "yarn install --immutable"],
};

/** By package.json; null where there is none, where it is no JSON object, and where Bun installs its packages. */
export function readNodeStack(read: ReadFile): Stack | null {
  const manifest = parseObject(read("package.json"));
  if (manifest === null) return null;
  const [manager = "npm", file] = LOCKS.find(([, name]) => read(name) !== null) ?? [];
  if (file === undefined && read("bun.lock") !== null) return null;
  const scripts = mapOf(manifest.scripts);
  const pinned = read(".node-version") ?? read(".nvmrc");
  return {
    kind: "node",
    evidence: "package.json",
    version: /^\s*v?(\d+\.\d+\.\d+)\s*$/.exec(pinned ?? "")?.[1] ?? null,
    range: textOf(mapOf(manifest.engines).node),
    command: plainCommand(scripts.start),
    portOption: null,
    manifests: needsAll(manifest) ? ["."] : ["package.json", ...(file === undefined ? [] : [file])],
    ...readBuild(manifest, manager, file === undefined ? null : read(file)),
    assets: null,
  };
}

/** Without a lock nothing says what would be fetched: that is a question, not `npm install`. */
function readBuild(
  { dependencies, devDependencies, scripts }: Record<string, unknown>,
  manager: PackageManager,
  lock: string | null,
): Pick<Stack, "install" | "build" | "artifact"> {
  const build = typeof mapOf(scripts).build === "string" ? [`${manager} run build`] : [];
  const hasPackages = [dependencies, devDependencies].some((one) => Object.keys(mapOf(one)).length > 0);
  if (!hasPackages) return { install: [], build, artifact: "." };
  if (lock === null) return { install: [], build, artifact: null };
  return { install: installOf(manager, lock), build: [...build, ...pruneOf(manager)], artifact: "." };
}

/** Whether package.json says how a service starts, and not only how something is built. */
export function startsService(read: ReadFile): boolean {
  return typeof mapOf(parseObject(read("package.json"))?.scripts).start === "string";
}

export function buildsAssets(read: ReadFile): boolean {
  return typeof mapOf(parseObject(read("package.json"))?.scripts).build === "string";
}

/** Scripts that run while packages are installed. */
const LIFECYCLE = ["preinstall", "install", "postinstall", "prepare"];

/** Whether the packages can only be installed beside the rest of the files. */
function needsAll({ workspaces, scripts }: Record<string, unknown>): boolean {
  return workspaces !== undefined || LIFECYCLE.some((name) => typeof mapOf(scripts)[name] === "string");
}

/** Yarn's first line of versions has another name for the option, and takes the newer one for nothing. */
function installOf(manager: PackageManager, lock: string): readonly string[] {
  const isClassic = manager === "yarn" && /^# yarn lockfile v1$/m.test(lock);
  return isClassic ? ["yarn install --frozen-lockfile"] : INSTALL[manager];
}

/** Yarn has no command for it. */
function pruneOf(manager: PackageManager): readonly string[] {
  if (manager === "yarn") return [];
  return [manager === "npm" ? "npm prune --omit=dev" : "pnpm prune --prod"];
}

/** A script that needs no shell, as its arguments: `node server.js`. */
function plainCommand(script: unknown): readonly string[] | null {
  const text = textOf(script);
  return text !== null && /^node [\w./@:=, -]+$/.test(text) ? text.split(/ +/) : null;
}

function parseObject(text: string | null): Record<string, unknown> | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? mapOf(value) : null;
  } catch {
    return null;
  }
}

function mapOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && /^[\x20-\x7e]{1,200}$/.test(value) ? value : null;
}

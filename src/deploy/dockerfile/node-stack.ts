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

/** By package.json; null where there is none, or it is no JSON object. */
export function readNodeStack(read: ReadFile): Stack | null {
  const manifest = parseObject(read("package.json"));
  if (manifest === null) return null;
  const lock = LOCKS.find(([, file]) => read(file) !== null);
  const [manager = "npm", file] = lock ?? [];
  const scripts = mapOf(manifest.scripts);
  const hasPackages = [manifest.dependencies, manifest.devDependencies].some(
    (packages) => Object.keys(mapOf(packages)).length > 0,
  );
  const pinned = read(".node-version") ?? read(".nvmrc");
  const hasBuild = typeof scripts.build === "string";
  return {
    kind: "node",
    evidence: "package.json",
    version: /^\s*v?(\d+\.\d+\.\d+)\s*$/.exec(pinned ?? "")?.[1] ?? null,
    range: textOf(mapOf(manifest.engines).node),
    command: plainCommand(scripts.start),
    portOption: null,
    manifests: file === undefined ? ["package.json"] : ["package.json", file],
    // Without a lock nothing says what would be fetched: that is a question, not `npm install`.
    install: !hasPackages || file === undefined ? [] : installOf(manager, read(file)),
    build: [
      ...(hasBuild ? [`${manager} run build`] : []),
      ...(hasPackages && manager !== "yarn" && file !== undefined ? [pruneOf(manager)] : []),
    ],
    artifact: hasPackages && file === undefined ? null : ".",
  };
}

/** Yarn's first line of versions has another name for the option, and takes the newer one for nothing. */
function installOf(manager: PackageManager, lock: string | null): readonly string[] {
  const isClassic = manager === "yarn" && /^# yarn lockfile v1$/m.test(lock ?? "");
  return isClassic ? ["yarn install --frozen-lockfile"] : INSTALL[manager];
}

function pruneOf(manager: "npm" | "pnpm"): string {
  return manager === "npm" ? "npm prune --omit=dev" : "pnpm prune --prod";
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

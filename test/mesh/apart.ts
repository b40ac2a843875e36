import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureMailKey, type MailKey, mailIdentity } from "../../src/mesh/mail-key.ts";
import type { Context } from "../../src/platform/context.ts";
import { loadProject } from "../../src/project/project.ts";
import { type CliResult, runIn } from "../helpers/cli.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

/** What `vibeops sync --json` says of one peer. */
interface PeerRow {
  peer: string;
  sent: number;
  received: number;
  acknowledged: number;
  waiting: { name: string; why: string; needsPerson: boolean }[];
  setAside: { name: string; code: string }[];
  left: { name: string; code: string }[];
  problems: { code: string; message: string; fix?: string }[];
}

interface Synced {
  exit: number;
  peers: PeerRow[];
  key: { line: string; isNew: boolean; file: string } | null;
  stderr: string;
}

/** A project on a machine of its own: its account has a home, keys and notes that no other project here can see. */
export interface FarProject {
  name: string;
  root: string;
  home: string;
  context: Context & { setNow: (now: string) => void };
  git: (...args: string[]) => string;
  vibeops: (...argv: string[]) => Promise<CliResult>;
  sync: (...argv: string[]) => Promise<Synced>;
  send: (subject: string, to?: string) => Promise<string>;
  read: (path: string) => string;
  write: (path: string, text: string) => void;
  list: (path: string) => string[];
}

export interface Hub {
  directory: string;
  path: string;
  git: (...args: string[]) => string;
}

/** A bare repository that carries mail. */
export function hub(directory = temporaryDirectory(), name = "mail.git"): Hub {
  const path = join(directory, name);
  const env = { PATH: process.env.PATH ?? "", HOME: directory, GIT_CONFIG_NOSYSTEM: "1" };
  execFileSync("git", ["init", "--quiet", "--bare", path], { env });
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: path, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return { directory, path, git };
}

/** A project far away from all others. `env` is added to its environment. */
export function farProject(
  directory: string,
  name: string,
  config: string,
  env: Readonly<Record<string, string>> = {},
): FarProject {
  const home = join(directory, `home-of-${name}`);
  mkdirSync(home, { mode: 0o700 });
  const root = join(directory, name);
  mkdirSync(root);
  const project = openProject(name, root, home, env);
  project.git("init", "--quiet", "--initial-branch=main");
  project.write("vibeops.yaml", config);
  project.write(".gitignore", ".vibeops/\nmemos/outgoing/\n");
  project.git("add", ".");
  project.git("commit", "--quiet", "-m", `Start ${name}`);
  return project;
}

/** A project that is there already, as seen from this home. */
export function openProject(
  name: string,
  root: string,
  home: string,
  env: Readonly<Record<string, string>> = {},
): FarProject {
  let now = new Date("2026-11-20T14:32:11Z");
  const base = testContext(home);
  const context = {
    ...base,
    env: { ...base.env, ...env },
    now: () => now,
    setNow: (text: string) => {
      now = new Date(text);
    },
  };
  const git = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: root,
      env: context.env as NodeJS.ProcessEnv,
      encoding: "utf8",
      stdio: "pipe",
    });
  const vibeops = async (...argv: string[]) => await runIn(root, context, argv);
  return {
    name,
    root,
    home,
    context,
    git,
    vibeops,
    sync: async (...argv) => readSynced(await vibeops("sync", "--json", ...argv)),
    send: async (subject, to = "infra") => {
      const sent = await vibeops("memo", "new", subject, "--to", to, "--body", "Words.", "--json");
      return JSON.parse(sent.stdout).result.sent[0].id;
    },
    read: (path) => readFileSync(join(root, path), "utf8"),
    write: (path, text) => {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    list: (path) => listFolder(join(root, path)),
  };
}

function readSynced({ exit, stdout, stderr }: CliResult): Synced {
  const document = JSON.parse(stdout);
  if (document.result === undefined) throw new Error(stdout);
  return { exit, stderr, ...document.result };
}

function listFolder(path: string): string[] {
  try {
    return execFileSync("ls", ["-1", path], { encoding: "utf8", stdio: "pipe" })
      .split("\n")
      .filter((name) => name !== "");
  } catch {
    return [];
  }
}

/** The project's mail key; made as its first sync would make it. */
export async function keyOf({ root, context }: FarProject): Promise<MailKey> {
  return (await ensureMailKey(await mailIdentity(loadProject(root), context), context.env)).key;
}

export interface PeerLine {
  name: string;
  url: string;
  signers?: readonly string[];
}

/** A vibeops.yaml with peers elsewhere, each accepted for requests and notes. */
export function configOf(name: string, peers: readonly PeerLine[], signers: readonly string[] = []): string {
  const lines = peers.map(({ name: peer, url, signers: keys }) => {
    return `  ${peer}: { git: "${url}"${keys === undefined ? "" : `, signers: ${JSON.stringify(keys)}`} }`;
  });
  return [
    `project: ${name}`,
    "agents: { developer: { provider: builtin } }",
    "peers:",
    ...lines,
    "accepts:",
    ...peers.map(({ name: peer }) => `  - { from: ${peer}, types: [request, info] }`),
    ...(signers.length === 0 ? [] : [`signers: ${JSON.stringify(signers)}`]),
    "",
  ].join("\n");
}

/** Two projects on two machines that only know a bare repository. */
export function shopAndInfraApart(
  urlOf = (path: string) => path,
  env: Readonly<Record<string, string>> = {},
) {
  const carrier = hub();
  const url = urlOf(carrier.path);
  const shop = farProject(carrier.directory, "shop", configOf("shop", [{ name: "infra", url }]), env);
  const infra = farProject(carrier.directory, "infra", configOf("infra", [{ name: "shop", url }]), env);
  /** Each owner reads their key's line to the other over the phone. */
  const acquaint = async () => {
    const keys = [(await keyOf(shop)).line, (await keyOf(infra)).line] as const;
    shop.write("vibeops.yaml", configOf("shop", [{ name: "infra", url, signers: [keys[1]] }]));
    infra.write("vibeops.yaml", configOf("infra", [{ name: "shop", url, signers: [keys[0]] }]));
    for (const project of [shop, infra]) project.git("commit", "--quiet", "-a", "-m", "Who signs");
  };
  return { hub: carrier, url, shop, infra, acquaint };
}

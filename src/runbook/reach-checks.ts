import { homedir } from "node:os";
import { join } from "node:path";
import { type Check, ok } from "../platform/check.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, readIfExists } from "../platform/files.ts";
import { namesIn } from "../platform/orphans.ts";
import { quoteAlways } from "../platform/quote.ts";
import { listSome } from "../platform/repository-checks.ts";
import { readPrivateKey } from "./private-key.ts";
import { listAgentKeys } from "./ssh-agent.ts";

type Env = Context["env"];

/** Variables that let whatever is started here act somewhere live. */
const VARIABLES: readonly (readonly [RegExp, string])[] = [
  [/^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE|WEB_IDENTITY_TOKEN_FILE)$/, "AWS"],
  [/^(?:GOOGLE_APPLICATION_CREDENTIALS|CLOUDSDK_AUTH_.*|GOOGLE_OAUTH_ACCESS_TOKEN)$/, "Google Cloud"],
  [/^(?:AZURE_CLIENT_SECRET|AZURE_CLIENT_CERTIFICATE_PATH|ARM_CLIENT_SECRET)$/, "Azure"],
  [
    /^(?:HCLOUD_TOKEN|DIGITALOCEAN_(?:ACCESS_)?TOKEN|CLOUDFLARE_API_(?:TOKEN|KEY)|SCW_SECRET_KEY)$/,
    "a hoster",
  ],
  [/^(?:DOCKER_HOST|DOCKER_CONTEXT|CONTAINER_HOST)$/, "a container engine elsewhere"],
  [/^(?:VAULT_TOKEN|KUBE_TOKEN|TF_TOKEN_.*|PGPASSWORD|MYSQL_PWD|SSHPASS)$/, "secrets or a database"],
];

/** Files below the home folder that do the same, each with what reads it. */
const FILES: readonly (readonly [string, string])[] = [
  [".aws/credentials", "AWS"],
  [".config/gcloud/application_default_credentials.json", "Google Cloud"],
  [".azure/msal_token_cache.json", "Azure"],
];

/**
 * What an agent that is started from here can use without asking vibeops: no gate stands there, so it is said. Nothing
 * of it is read but its presence, and of private keys whether they are encrypted.
 */
export async function checkReach({ env }: Context): Promise<Check[]> {
  const home = env.HOME ?? homedir();
  const found = [
    ...(await checkAgentSocket(env)),
    ...checkKube(env, home),
    ...checkVariables(env),
    ...checkFiles(home),
    ...checkOpenKeys(home),
  ];
  if (found.length === 0) return [ok("reach", "no live credentials in this environment")];
  return found.map((check) => ({ ...check, status: "warning" }));
}

type Reach = Omit<Check, "status">;

async function checkAgentSocket(env: Env): Promise<Reach[]> {
  const socket = env.SSH_AUTH_SOCK ?? "";
  const keys = socket === "" ? [] : await listAgentKeys(socket);
  if (keys.length === 0) return [];
  const what = `an agent started from here can use ssh-agent, which holds ${keys.length} ${keys.length === 1 ? "key" : "keys"} and asks nobody`;
  return [
    { name: "reach.ssh-agent", what, fix: "start agents without it: env -u SSH_AUTH_SOCK …; or ssh-add -c" },
  ];
}

function checkKube(env: Env, home: string): Reach[] {
  const paths = (env.KUBECONFIG ?? join(home, ".kube/config")).split(":").filter((path) => path !== "");
  const there = paths.filter((path) => lstatOrNull(path) !== null);
  if (there.length === 0) return [];
  const what = "an agent started from here can reach the clusters that this file names";
  return [
    {
      name: "reach.kube",
      what,
      file: there[0],
      fix: "start agents with KUBECONFIG=/dev/null and in a sandbox",
    },
  ];
}

function checkVariables(env: Env): Reach[] {
  return VARIABLES.flatMap(([pattern, reached]) => {
    const names = Object.keys(env).filter((name) => pattern.test(name) && (env[name] ?? "") !== "");
    if (names.length === 0) return [];
    const what = `an agent started from here can reach ${reached}: ${listSome(names)} is set`;
    const fix = `start agents without it: env ${names.map((name) => `-u ${name}`).join(" ")} …`;
    return [{ name: "reach.variable", what, fix }];
  });
}

function checkFiles(home: string): Reach[] {
  return FILES.flatMap(([path, reached]) => {
    const file = join(home, path);
    if (lstatOrNull(file) === null) return [];
    const what = `an agent started from here can reach ${reached} by this file`;
    return [{ name: "reach.file", what, file, fix: "run agents in a sandbox, or as another user" }];
  });
}

const MAX_KEY_BYTES = 64 * 1024;

/** The keys that ssh tries by itself. */
function checkOpenKeys(home: string): Reach[] {
  const folder = join(home, ".ssh");
  const names = namesIn(folder).filter((name) => /^id_[a-z0-9_]+$/.test(name));
  const open = names.map((name) => join(folder, name)).filter(isOpenKey);
  return open.map((file) => {
    const what = "an agent started from here can use this key: it has no passphrase";
    return { name: "reach.ssh-key", what, file, fix: `give it one: ssh-keygen -p -f ${quoteAlways(file)}` };
  });
}

function isOpenKey(file: string): boolean {
  if (lstatOrNull(file)?.isFile() !== true) return false;
  const bytes = readIfExists(file, { maxBytes: MAX_KEY_BYTES, severalNames: true });
  const protection = bytes === null ? undefined : readPrivateKey(bytes.toString("latin1"))?.protection;
  return protection === "open" || protection === "no-touch";
}

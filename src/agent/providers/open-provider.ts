import { Exit, VibeopsError } from "../../errors.ts";
import type { Context } from "../../platform/context.ts";
import { PROJECT_FILE } from "../../project/discovery.ts";
import type { Project } from "../../project/project.ts";
import type { Provider, ProviderSettings } from "./provider.ts";

/** How a vendor's API is opened, and the variables in which people keep its key. */
interface Api {
  readonly keys: readonly string[];
  open(settings: ProviderSettings): Promise<Provider>;
}

const APIS: Readonly<Record<string, Api>> = {
  anthropic: {
    keys: ["ANTHROPIC_API_KEY"],
    open: async (settings) => (await import("./anthropic.ts")).openAnthropic(settings),
  },
  openai: {
    keys: ["OPENAI_API_KEY"],
    open: async (settings) => (await import("./openai.ts")).openOpenAi(settings),
  },
  google: {
    keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    open: async (settings) => (await import("./google.ts")).openGoogle(settings),
  },
};

/** The key for a server of one's own. A committed file that names a server must not decide where a vendor's key goes. */
const OWN_SERVER_KEY = "VIBEOPS_API_KEY";
const IDLE_MS = 180_000;

/** Whether a model behind an API plays this role: the others are rules, or agent CLIs with a loop of their own. */
export function isModelApi(provider: string): boolean {
  return Object.hasOwn(APIS, provider);
}

/**
 * Opens the provider of a role. Connects to nothing yet.
 *
 * @param idleMs see {@link ProviderSettings}
 * @throws VibeopsError `provider.model-missing`, `provider.key-missing`, `provider.plain-http`
 */
export async function openProvider(
  project: Project,
  role: string,
  env: Context["env"],
  idleMs = IDLE_MS,
): Promise<Provider> {
  const agent = project.config.agents[role];
  const api = APIS[agent?.provider ?? ""];
  if (agent === undefined || api === undefined) throw new Error(`${role} is played by no model API`);
  const place = { file: PROJECT_FILE, line: project.lineOf(["agents", role]) };
  if (agent.model === undefined) {
    throw new VibeopsError({
      ...place,
      code: "provider.model-missing",
      exit: Exit.invalid,
      message: `which model of ${agent.provider} plays ${role} is not said`,
      fix: `add to agents.${role}: model: <a model's name, as the vendor writes it>`,
    });
  }
  if (agent.base_url !== undefined) requirePrivate(agent.base_url, place);
  return await api.open({
    model: agent.model,
    key: readKey(agent, api, env, place),
    baseUrl: agent.base_url,
    idleMs,
  });
}

interface Place {
  readonly file: string;
  readonly line: number | undefined;
}

/** The variable out of which the key of a role is read; undefined where none is set. */
export function keyVariable(project: Project, role: string, env: Context["env"]): string | undefined {
  const agent = project.config.agents[role];
  const api = APIS[agent?.provider ?? ""];
  return agent === undefined || api === undefined ? undefined : findKey(agent, api, env);
}

function findKey(agent: Agent, api: Api, env: Context["env"]): string | undefined {
  const names = agent.base_url === undefined ? api.keys : [OWN_SERVER_KEY];
  return names.find((name) => (env[name] ?? "") !== "");
}

type Agent = Project["config"]["agents"][string];

function readKey(agent: Agent, api: Api, env: Context["env"], place: Place): string {
  const name = findKey(agent, api, env);
  if (name !== undefined) return env[name] ?? "";
  // A server of one's own may want none.
  if (agent.base_url !== undefined) return "none";
  throw new VibeopsError({
    ...place,
    code: "provider.key-missing",
    exit: Exit.provider,
    message: `there is no key for ${agent.provider}`,
    fix: `set ${api.keys[0]} in the environment, not in a file of the project`,
  });
}

/** What a key and a project's texts are sent over. @throws VibeopsError `provider.plain-http` */
function requirePrivate(baseUrl: string, place: Place): void {
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === "https:" || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return;
  throw new VibeopsError({
    ...place,
    code: "provider.plain-http",
    exit: Exit.invalid,
    message: `base_url ${baseUrl} would send the key and the project's texts unencrypted`,
    fix: "use https, or a server on this machine",
  });
}

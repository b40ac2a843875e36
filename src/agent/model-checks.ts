import type { Check } from "../platform/check.ts";
import { ok } from "../platform/check.ts";
import type { Context } from "../platform/context.ts";
import { mapSideBySide } from "../platform/side-by-side.ts";
import { checkOf } from "../project/checks.ts";
import { PROJECT_FILE } from "../project/discovery.ts";
import type { Project } from "../project/project.ts";
import { isModelApi, keyVariable, openProvider } from "./providers/open-provider.ts";
import { ProviderError } from "./providers/provider-error.ts";

/** A server that says nothing for so long is not waited for. Milliseconds. */
const IDLE_MS = 10_000;
const SIDE_BY_SIDE = 4;

/** Asks each model API that plays a role whether it takes the key and knows the model: one request, no tokens. */
export async function checkModels(project: Project, env: Context["env"]): Promise<Check[]> {
  const roles = Object.keys(project.config.agents).filter((role) =>
    isModelApi(project.config.agents[role]?.provider ?? ""),
  );
  return await mapSideBySide(roles, SIDE_BY_SIDE, (role) => checkModel(project, role, env));
}

async function checkModel(project: Project, role: string, env: Context["env"]): Promise<Check> {
  const place = { file: PROJECT_FILE, line: project.lineOf(["agents", role]) };
  const variable = keyVariable(project, role, env);
  const from = variable === undefined ? "no key" : `the key from ${variable}`;
  try {
    const provider = await openProvider(project, role, env, IDLE_MS);
    const who = `${provider.name} with ${from}`;
    if (await provider.check()) return ok("provider.model", `${role} is ${provider.model} of ${who}`);
    const what = `${who} answers, and does not tell which models it has: whether ${role} can be ${provider.model} shows when it runs`;
    return { ...place, name: "provider.unlisted", status: "warning", what };
  } catch (error) {
    const check = checkOf(error, PROJECT_FILE);
    if (!(error instanceof ProviderError)) return check;
    const what = `${role}, ${from}: ${check.what}`;
    // What passes by itself, or is the network's, is no fault of the project.
    return { ...check, ...place, what, status: error.isPassing ? "warning" : "error" };
  }
}

import type { EnvVariable } from "../memo/deployment.ts";
import { type FindTemplate, render } from "./catalogue.ts";
import { listDependencies } from "./dependencies.ts";
import type { Situation } from "./situation.ts";

/** The variables of one container: what they are called, and where a person puts their values. */
export interface EnvFile {
  /** The Compose service that reads it. */
  readonly container: string;
  /** Its name in the service's folder on the host, as the Compose file says it. */
  readonly name: string;
  /** The same, absolute. */
  readonly path: string;
  /** The example's name under deploy/<service>/. */
  readonly example: string;
  readonly variables: readonly EnvVariable[];
  /** The names that must have a value. */
  readonly required: readonly string[];
}

/** The service's own file, even where nothing is known of its variables, then one for each dependency that needs one. */
export function listEnvFiles({ block, place }: Situation): EnvFile[] {
  const own = envFile(place.directory, block.service, "env.example", block.env ?? []);
  const others = listDependencies(block).flatMap(({ name, known }) => {
    if (known === undefined || known.env.length === 0) return [];
    const variables = known.env.map((variable) => ({
      name: variable,
      required: true,
      secret: /PASSWORD/.test(variable),
    }));
    return [envFile(place.directory, name, `${name}.env.example`, variables)];
  });
  return [own, ...others];
}

function envFile(
  directory: string,
  container: string,
  example: string,
  variables: readonly EnvVariable[],
): EnvFile {
  const name = `${container}.env`;
  const required = variables.filter((variable) => variable.required).map((variable) => variable.name);
  return { container, name, path: `${directory}/${name}`, example, variables, required };
}

/**
 * The example of such a file: names each variable and never a value. A required one stands empty, which the check
 * on the host refuses; an optional one is commented out.
 */
export function writeEnvExample(
  { block, place }: Situation,
  file: EnvFile,
  header: { readonly memo: string },
  find: FindTemplate,
): string {
  return render(find, "deploy/env.example", {
    service: block.service,
    version: block.version,
    host: place.hostName,
    memo: header.memo,
    container: file.container,
    target: file.path,
    variables: file.variables.map(({ name, required, secret, description }) => ({
      what: `${required ? "Required" : "Optional"}${secret ? ", secret" : ""}.${description === undefined ? "" : ` ${description}`}`,
      assignment: required ? `${name}=` : `#${name}=`,
    })),
  });
}

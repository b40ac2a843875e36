import { Exit, VibeopsError } from "../../errors.ts";
import type { Inventory, InventoryProxy } from "../../project/inventory.ts";
import type { TemplateValues } from "../../text/template.ts";
import { type FindTemplate, render } from "../catalogue.ts";
import type { PreparedFile } from "../file-plan.ts";
import { codeSpan } from "../markdown-text.ts";
import type { Place } from "../place.ts";
import { everywhere } from "../plan-words.ts";
import { yamlScalar } from "../yaml-scalar.ts";

type CaddyCompose = Extract<InventoryProxy, { kind: "caddy-compose" }>;

/** The folder of a host's own Caddy, beside those of the services that share it. */
export function caddyProjectFolder(hostName: string): string {
  return `deploy/caddy-${hostName}`;
}

/** The name of its Compose project, as its template has it. */
const PROJECT = "caddy";

/**
 * Looks whether a service has a folder and a Compose project of its own beside the host's Caddy: otherwise its files
 * would be installed over Caddy's, and every service behind it be gone.
 *
 * @throws VibeopsError `deploy.name`
 */
export function requireBesideCaddy({ service, host, hostName, directory }: Place): void {
  if (host.proxy?.kind !== "caddy-compose") return;
  const isSame =
    service === PROJECT ||
    caddyProjectFolder(hostName) === `deploy/${service}` ||
    host.proxy.directory.replace(/\/+$/, "") === directory;
  if (!isSame) return;
  throw new VibeopsError({
    code: "deploy.name",
    exit: Exit.invalid,
    message: `'${service}' would take the place of the Caddy of ${hostName}: its folder or its Compose project is the same`,
    file: "inventory.yaml",
    fix: `ask the sender for another name of the service; where only the folder is the same, give ${hostName}'s proxy another \`directory\``,
  });
}

/** The host in front of which the Caddy of a folder below deploy/ stands; undefined for a service's own folder. */
export function hostOfCaddyProject({ hosts }: Pick<Inventory, "hosts">, name: string): string | undefined {
  return Object.keys(hosts).find(
    (host) => hosts[host]?.proxy?.kind === "caddy-compose" && caddyProjectFolder(host) === `deploy/${name}`,
  );
}

/** Paths of the files of Caddy's own project; none where the host has its Caddy otherwise. */
export function listCaddyProject({ host, hostName }: Place): string[] {
  if (host.proxy?.kind !== "caddy-compose") return [];
  return ["compose.yaml", "Caddyfile"].map((name) => `${caddyProjectFolder(hostName)}/${name}`);
}

/** What they say follows from the host's entry alone: each service of the host prepares the same. */
export function writeCaddyProject(place: Place, find: FindTemplate): PreparedFile[] {
  const { proxy } = place.host;
  if (proxy?.kind !== "caddy-compose") return [];
  const values = {
    host: place.hostName,
    image: yamlScalar(proxy.image),
    network: yamlScalar(proxy.network),
    email: proxy.email ?? "",
    acmeCa: proxy.acme_ca ?? "",
  };
  return listCaddyProject(place).map((path) => ({
    path,
    content: render(find, `deploy/sites/caddy-compose/${path.slice(path.lastIndexOf("/") + 1)}`, values),
  }));
}

/** Where a service's site goes on the host. */
export function caddySites({ directory }: CaddyCompose): string {
  return `${directory}/etc/sites`;
}

/** For the steps of a runbook; empty where the host has its Caddy otherwise. */
export function caddyProjectValues(place: Place): TemplateValues {
  const { proxy } = place.host;
  if (proxy?.kind !== "caddy-compose") return {};
  const [compose = "", config = ""] = listCaddyProject(place);
  return {
    image: codeSpan(proxy.image),
    acmeCa: proxy.acme_ca ?? "",
    ...everywhere("project", proxy.directory),
    ...everywhere("caddyKeep", `${proxy.directory}/.vibeops`),
    ...everywhere("composeSource", compose),
    ...everywhere("composeTarget", `${proxy.directory}/compose.yaml`),
    ...everywhere("configSource", config),
    ...everywhere("configTarget", `${proxy.directory}/etc/Caddyfile`),
  };
}

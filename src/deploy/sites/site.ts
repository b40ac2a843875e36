import { sha256 } from "../../platform/hash.ts";
import type { InventoryProxy } from "../../project/inventory.ts";
import type { TemplateValues } from "../../text/template.ts";
import { type FindTemplate, render } from "../catalogue.ts";
import type { PreparedFile } from "../file-plan.ts";
import { everywhere } from "../plan-words.ts";
import type { Situation } from "../situation.ts";
import { caddyProjectValues, caddySites, listCaddyProject } from "./caddy-project.ts";
import { usesLabels } from "./shared-network.ts";
import { plainDomains, plainHealthPath, plainHostPath } from "./site-words.ts";

/** What stands behind the proxy: a service on a loopback port, or a folder of files. */
export type Behind = "service" | "files";

type ProxyKind = InventoryProxy["kind"];

/** What its file is called, and who uses it, in a runbook's words. */
const KINDS: Readonly<Record<ProxyKind, { readonly ending: string; readonly name: string }>> = {
  caddy: { ending: ".caddy", name: "Caddy" },
  "caddy-compose": { ending: ".caddy", name: "Caddy" },
  nginx: { ending: ".conf", name: "nginx" },
  traefik: { ending: ".yaml", name: "Traefik" },
};

/**
 * The site of a service for the host's proxy, and for Caddy where the inventory names none. Null where there is no
 * domain, nothing to lead to, or where labels on the container say it all.
 *
 * @throws VibeopsError as plainDomains, plainHealthPath and plainHostPath
 */
export function writeSite(
  situation: Situation,
  behind: Behind,
  header: { readonly memo: string },
  find: FindTemplate,
): PreparedFile | null {
  const { block, place, settings } = situation;
  const proxy = place.host.proxy;
  const kind = proxy?.kind ?? "caddy";
  const domains = plainDomains(situation).filter((domain) => kind !== "traefik" || !domain.startsWith("*"));
  if (domains.length === 0 || usesLabels(situation)) return null;
  if (behind === "service" ? settings.port === null : !servesFiles(kind)) return null;
  const content = render(find, `deploy/sites/${kind}/${behind}${KINDS[kind].ending}`, {
    service: block.service,
    variable: variableName(block.service),
    version: block.version,
    memo: header.memo,
    domains: domains.join(isCaddy(kind) ? ", " : " "),
    rule: traefikRule(domains),
    port: String(settings.port?.host ?? ""),
    container: String(settings.port?.container ?? ""),
    health: plainHealthPath(situation),
    root: plainHostPath(`${place.directory}/current`),
    ...proxyValues(proxy, domains),
  });
  return { path: sitePath(situation), content };
}

/** What a name of nginx's own may hold; a longer one than this does not fit into its table as it is set up. */
function variableName(service: string): string {
  const name = service.replaceAll("-", "_");
  return name.length <= 24 ? name : `${name.slice(0, 15)}_${sha256(service).slice(0, 8)}`;
}

function sitePath({ block, place }: Situation): string {
  const { ending } = KINDS[place.host.proxy?.kind ?? "caddy"];
  // Compose's own file ends in .yaml too.
  return `deploy/${block.service}/${ending === ".yaml" ? "traefik" : block.service}${ending}`;
}

function proxyValues(proxy: InventoryProxy | undefined, domains: readonly string[]): TemplateValues {
  if (proxy?.kind === "nginx") {
    const [first = ""] = domains;
    return { certificate: plainHostPath(`${proxy.certificates}/${first.replace(/^\*\./, "")}`) };
  }
  if (proxy?.kind === "traefik") return { entrypoint: proxy.entrypoint, resolver: proxy.resolver ?? "" };
  return {};
}

/** `Host(…) || Host(…)`: one word of YAML between single quotes, since a domain holds none. */
export function traefikRule(domains: readonly string[]): string {
  return domains.map((domain) => `Host(\`${domain}\`)`).join(" || ");
}

export function isCaddy(kind: ProxyKind): boolean {
  return kind === "caddy" || kind === "caddy-compose";
}

/** Traefik serves none, and a Caddy in a container sees no folder of the host but its own. */
export function servesFiles(kind: ProxyKind): boolean {
  return kind === "caddy" || kind === "nginx";
}

/** The parts of a runbook that bring a site to a host's proxy. */
export interface SitePlan {
  /** `Caddy` */
  readonly proxy: string;
  /** Points for *Before you start*, each a line of Markdown. */
  readonly before: string;
  /** Steps before the service starts: where the proxy itself is a project of ours. */
  readonly first: string;
  /** Steps from the file to the proxy that uses it; empty where labels say it all. */
  readonly steps: string;
  /** The prepared files that they install; none where labels say it all. */
  readonly files: readonly string[];
}

/** Null where there is no site, or no proxy in the inventory to bring it to. */
export function planSite(input: {
  readonly situation: Situation;
  readonly behind: Behind;
  /** Null for a runbook that goes forwards. */
  readonly goingBack: object | null;
  readonly find: FindTemplate;
}): SitePlan | null {
  const { situation, behind, goingBack, find } = input;
  const { place } = situation;
  const { proxy } = place.host;
  const site = writeSite(situation, behind, { memo: "" }, find);
  const byLabels = usesLabels(situation) && behind === "service";
  if (proxy === undefined || (site === null && !byLabels)) return null;
  const values = stepValues(situation, proxy, site?.path ?? "");
  const { name } = KINDS[proxy.kind];
  const part = (file: string) => render(find, `deploy/sites/${proxy.kind}/${file}`, values);
  const isOwn = proxy.kind === "caddy-compose";
  // Every service of the host stands behind that Caddy: one that goes back leaves it as it is.
  const bringsProxy = isOwn && goingBack === null;
  return {
    proxy: name,
    before: isOwn && !bringsProxy ? "" : part("before.md"),
    first: bringsProxy ? part("first.md") : "",
    steps: byLabels ? "" : part("steps.md"),
    files: [...(bringsProxy ? listCaddyProject(place) : []), ...(site === null ? [] : [site.path])],
  };
}

function stepValues({ block, place }: Situation, proxy: InventoryProxy, source: string): TemplateValues {
  const file = `${block.service}${KINDS[proxy.kind].ending}`;
  const [first = ""] = block.domains ?? [];
  const sites = proxy.kind === "caddy-compose" ? caddySites(proxy) : proxy.sites;
  return {
    ...caddyProjectValues(place),
    host: place.hostName,
    service: block.service,
    domain: first,
    ...everywhere("imports", `${sites}/*${KINDS[proxy.kind].ending}`),
    ...everywhere("sites", sites),
    ...everywhere("source", source),
    ...everywhere("target", `${sites}/${file}`),
    ...everywhere("keep", `${place.directory}/.vibeops`),
    ...everywhere("config", "config" in proxy ? proxy.config : ""),
    ...everywhere(
      "certificate",
      proxy.kind === "nginx" ? `${proxy.certificates}/${first.replace(/^\*\./, "")}` : "",
    ),
    network: proxy.kind === "traefik" ? (proxy.network ?? "") : "",
    entrypoint: proxy.kind === "traefik" ? proxy.entrypoint : "",
    resolver: proxy.kind === "traefik" ? (proxy.resolver ?? "") : "",
  };
}

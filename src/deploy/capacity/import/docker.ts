import {
  type Found,
  type FoundService,
  isRecord,
  type Json,
  listAt,
  recordAt,
  some,
  textAt,
} from "./found.ts";

/** `docker compose ls --format json`: names of projects. Null for anything else. */
export function readComposeLs(rows: readonly Json[]): Found | null {
  const names = rows.map((row) =>
    textAt(row, "ConfigFiles") === undefined ? undefined : textAt(row, "Name"),
  );
  if (names.length === 0 || names.some((name) => name === undefined)) return null;
  return {
    form: "docker compose ls",
    hosts: [],
    services: names.flatMap((name) => (name === undefined ? [] : [{ name }])),
  };
}

/** `docker ps --format json`, or podman's: containers, put together by their Compose project. Null for anything else. */
export function readDockerPs(rows: readonly Json[]): Found | null {
  const containers = rows.map(readContainer);
  if (containers.length === 0 || containers.includes(null)) return null;
  const services = new Map<string, FoundService>();
  for (const container of containers) {
    if (container === null) continue;
    const before = services.get(container.name);
    services.set(container.name, {
      name: container.name,
      ports: some([...(before?.ports ?? []), ...(container.ports ?? [])]),
      volumes: some([...(before?.volumes ?? []), ...(container.volumes ?? [])]),
    });
  }
  return { form: "docker ps", hosts: [], services: [...services.values()] };
}

const PROJECT_LABELS = ["com.docker.compose.project", "io.podman.compose.project"];

function readContainer(row: Json): FoundService | null {
  if (!isRecord(row) || row.Names === undefined || row.Image === undefined) return null;
  const [first] = [...listAt(row, "Names"), textAt(row, "Names")].filter((name) => typeof name === "string");
  const labels = readLabels(row.Labels);
  const project = PROJECT_LABELS.map((label) => labels.get(label)).find((name) => name !== undefined);
  const name = project ?? first?.split(",", 1)[0];
  if (name === undefined) return null;
  return { name, ports: some(readPorts(row.Ports)), volumes: some(readVolumes(textAt(row, "Mounts"))) };
}

/** Docker joins them with commas, podman has a map. */
function readLabels(labels: Json): ReadonlyMap<string, string> {
  if (isRecord(labels)) return new Map(Object.entries(labels).map(([key, value]) => [key, String(value)]));
  const pairs = typeof labels === "string" ? labels.split(",") : [];
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

/** `0.0.0.0:8080->80/tcp, :::8080->80/tcp`, or podman's list of maps. */
function readPorts(ports: Json): string[] {
  if (Array.isArray(ports))
    return ports.flatMap((port) => {
      const { host_ip: ip, host_port: from, container_port: to, range } = recordAt(port);
      const more = typeof range === "number" && range > 1 ? range - 1 : 0;
      const ports = (first: number) => (more === 0 ? `${first}` : `${first}-${first + more}`);
      return typeof from === "number" && typeof to === "number"
        ? [write(typeof ip === "string" ? ip : "", ports(from), ports(to), textAt(port, "protocol"))]
        : [];
    });
  if (typeof ports !== "string") return [];
  return ports.split(",").flatMap((part) => {
    const [, ip = "", from, to, protocol] =
      /^\s*(\[?[\w.:]*?\]?):([\d-]+)->([\d-]+)(?:\/(\w+))?$/.exec(part) ?? [];
    // The same on every IPv6 address is said by the IPv4 one.
    if (from === undefined || to === undefined || ["::", "[::]"].includes(ip)) return [];
    return [write(ip, from, to, protocol)];
  });
}

function write(ip: string, from: string, to: string, protocol = "tcp"): string {
  const address =
    ip === "" || ip === "0.0.0.0" ? "" : ip.includes(":") && !ip.startsWith("[") ? `[${ip}]:` : `${ip}:`;
  return `${address}${from}:${to}${protocol === "tcp" ? "" : `/${protocol}`}`;
}

/** Names of volumes; folders of the host and anonymous volumes are none. */
function readVolumes(mounts = ""): string[] {
  return mounts
    .split(",")
    .filter((name) => /^[A-Za-z0-9][\w.-]*$/.test(name) && !/^[0-9a-f]{12,}/.test(name));
}

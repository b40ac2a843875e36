import { type Found, type FoundHost, type Json, listAt, numberAt, textAt, writeBytes } from "./found.ts";

/** Resources that are machines, with where each provider keeps the address. */
const MACHINES: Readonly<Record<string, readonly string[]>> = {
  aws_instance: ["public_ip", "private_ip"],
  aws_lightsail_instance: ["public_ip_address"],
  azurerm_linux_virtual_machine: ["public_ip_address", "private_ip_address"],
  digitalocean_droplet: ["ipv4_address"],
  exoscale_compute_instance: ["public_ip_address"],
  hcloud_server: ["ipv4_address"],
  linode_instance: ["ip_address"],
  scaleway_instance_server: ["public_ip"],
  upcloud_server: [],
  vultr_instance: ["main_ip"],
  google_compute_instance: [],
  openstack_compute_instance_v2: ["access_ip_v4"],
};

/** Deeper modules are nobody's infrastructure. */
const MAX_MODULES = 1_000;

/** `terraform show -json`, OpenTofu's, or a state file's resources: machines are hosts. Null for anything else. */
export function readTerraform(document: Json): Found | null {
  if (textAt(document, "format_version") === undefined && textAt(document, "terraform_version") === undefined)
    return null;
  const modules: Json[] = [];
  const queue: Json[] = [(document as Readonly<Record<string, Json>>).values].map(
    (values) => (values as { root_module?: Json } | undefined)?.root_module,
  );
  for (let next = queue.shift(); next !== undefined && modules.length < MAX_MODULES; next = queue.shift()) {
    modules.push(next);
    queue.push(...listAt(next, "child_modules"));
  }
  const resources = modules.flatMap((module) => listAt(module, "resources"));
  return { form: "terraform show", hosts: resources.flatMap(readMachine), services: [] };
}

function readMachine(resource: Json): FoundHost[] {
  const type = textAt(resource, "type") ?? "";
  const places = Object.hasOwn(MACHINES, type) ? MACHINES[type] : undefined;
  if (places === undefined || textAt(resource, "mode") === "data") return [];
  const name =
    textAt(resource, "values", "name") ??
    textAt(resource, "values", "tags", "Name") ??
    textAt(resource, "values", "label") ??
    textAt(resource, "name");
  if (name === undefined) return [];
  const address = places.map((key) => textAt(resource, "values", key)).find((text) => text !== undefined);
  // Only what the state says; what a size or a flavour holds is its provider's to say.
  const megabytes = type === "digitalocean_droplet" ? numberAt(resource, "values", "memory") : undefined;
  const size = ["instance_type", "server_type", "size", "machine_type", "type", "plan"]
    .map((key) => textAt(resource, "values", key))
    .find((text) => text !== undefined);
  return [
    {
      name,
      address,
      memory: megabytes === undefined ? undefined : writeBytes(megabytes * 1024 ** 2),
      cpus: numberAt(resource, "values", "vcpus"),
      note: [textAt(resource, "address"), size].filter((part) => part !== undefined).join(", ") || undefined,
    },
  ];
}

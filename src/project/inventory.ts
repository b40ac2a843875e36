import { join } from "node:path";
import * as z from "zod";
import { readIfExists } from "../platform/files.ts";
import { decodeText } from "../text/decode.ts";
import { readYaml } from "../text/yaml-own.ts";
import { NAME_PATTERN, NAME_RULE } from "./names.ts";
import type { Project } from "./project.ts";

export const INVENTORY_FILE = "inventory.yaml";

const name = z.string().regex(NAME_PATTERN, { error: `a name is ${NAME_RULE}` });
const absolutePath = z
  .string()
  .regex(/^\/\P{C}*$/u, { error: "an absolute path without control characters" })
  .refine((path) => !path.split("/").includes(".."), { error: "a path without '..'" });

const routerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, { error: "letters, digits, '-', '_' and '.'" });

/** What answers on ports 80 and 443 of a host, and where it looks for a service's site. */
const proxySchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("caddy"),
    config: absolutePath.default("/etc/caddy/Caddyfile"),
    sites: absolutePath.default("/etc/caddy/sites"),
  }),
  z.strictObject({
    /** Caddy as a Compose project of its own, which prepare writes; services share a network with it. */
    kind: z.literal("caddy-compose"),
    directory: absolutePath.default("/srv/caddy"),
    image: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}$/, { error: "an image with its tag or digest" })
      .default("docker.io/library/caddy:2.10.2-alpine"),
    network: routerName.default("proxy"),
    /** The certificate authority writes there. */
    email: z.email().optional(),
    /** Another authority than Caddy's own choice, as for a rehearsal. */
    acme_ca: z.url({ protocol: /^https$/ }).optional(),
  }),
  z.strictObject({
    kind: z.literal("nginx"),
    config: absolutePath.default("/etc/nginx/nginx.conf"),
    sites: absolutePath.default("/etc/nginx/conf.d"),
    /** A folder for each name in it, with fullchain.pem and privkey.pem, as certbot lays them out. */
    certificates: absolutePath.default("/etc/letsencrypt/live"),
  }),
  z.strictObject({
    kind: z.literal("traefik"),
    /** The folder that its file provider watches. */
    sites: absolutePath.default("/etc/traefik/dynamic"),
    entrypoint: routerName.default("websecure"),
    /** Who gets the certificates; none where the entry point knows. */
    resolver: routerName.optional(),
    /** The container network that it shares with services: they then carry labels, and publish no port. */
    network: routerName.optional(),
  }),
]);

const hostSchema = z.strictObject({
  /** `local` runs on this machine, for a rehearsal; it passes the same gate. */
  transport: z.enum(["ssh", "local"]).default("ssh"),
  /** What OpenSSH is given; the host's own name unless told. */
  address: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@:-]*$/, {
      error: "a host name, user@host or an alias of your ssh configuration",
    })
    .optional(),
  tier: z.enum(["local", "staging", "live"]).default("live"),
  runtime: z.enum(["compose", "process", "static"]).default("compose"),
  /** Where services live; each has a folder of its own name in it. */
  directory: absolutePath.default("/srv"),
  proxy: proxySchema.optional(),
  host_keys: z.array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/)).optional(),
  memory: z.string().optional(),
  cpus: z.number().positive().optional(),
  /** What it costs a month, and what all of it may cost; in one currency, whichever that is. */
  monthly_cost: z.number().nonnegative().optional(),
  monthly_limit: z.number().positive().optional(),
  note: z.string().optional(),
});

const serviceSchema = z.strictObject({
  host: name,
  /** The service's repository, relative to this project or absolute. */
  path: z.string().min(1).optional(),
  owner: z.string().optional(),
  /** Services that it cannot do without, by name: for `impact`. */
  depends_on: z.array(name).optional(),
  /** What it may take, publishes and keeps, where no prepared Compose file says so. */
  memory: z.string().optional(),
  cpus: z.number().positive().optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  restart: z.string().optional(),
  /** What backs up its data; for people. */
  backup: z.string().optional(),
  monthly_cost: z.number().nonnegative().optional(),
});

export const inventorySchema = z.strictObject({
  hosts: z.record(name, hostSchema).default({}),
  services: z.record(name, serviceSchema).default({}),
});

export type Inventory = z.output<typeof inventorySchema>;
export type InventoryHost = z.output<typeof hostSchema>;
export type InventoryProxy = z.output<typeof proxySchema>;
export type InventoryService = z.output<typeof serviceSchema>;

export interface LoadedInventory {
  readonly inventory: Inventory;
  /** Null where the project has no inventory.yaml. */
  readonly bytes: Buffer | null;
  readonly file: string;
  /** The line of a key, for messages. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/** Reads inventory.yaml; a project without one has no hosts. @throws VibeopsError `yaml.syntax`, `schema.invalid` */
export function loadInventory(project: Project): LoadedInventory {
  const file = join(project.root, INVENTORY_FILE);
  const bytes = readIfExists(file);
  if (bytes === null) return { inventory: { hosts: {}, services: {} }, bytes, file, lineOf: () => undefined };
  const { value, lineOf } = readYaml(decodeText(bytes, file), inventorySchema, file);
  return { inventory: value, bytes, file, lineOf };
}

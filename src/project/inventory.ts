import { join } from "node:path";
import * as z from "zod/mini";
import { readIfExists } from "../platform/files.ts";
import { decodeText } from "../text/decode.ts";
import { readYaml } from "../text/yaml-own.ts";
import { NAME_PATTERN, NAME_RULE } from "./names.ts";
import type { Project } from "./project.ts";

export const INVENTORY_FILE = "inventory.yaml";

const name = z.string().check(z.regex(NAME_PATTERN, { error: `a name is ${NAME_RULE}` }));
const absolutePath = z.string().check(
  z.regex(/^\/\P{C}*$/u, { error: "an absolute path without control characters" }),
  z.refine((path) => !path.split("/").includes(".."), { error: "a path without '..'" }),
);

const routerName = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, { error: "letters, digits, '-', '_' and '.'" }));

/** What answers on ports 80 and 443 of a host, and where it looks for a service's site. */
const proxySchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("caddy"),
    config: z._default(absolutePath, "/etc/caddy/Caddyfile"),
    sites: z._default(absolutePath, "/etc/caddy/sites"),
  }),
  z.strictObject({
    /** Caddy as a Compose project of its own, which prepare writes; services share a network with it. */
    kind: z.literal("caddy-compose"),
    directory: z._default(absolutePath, "/srv/caddy"),
    image: z._default(
      z
        .string()
        .check(
          z.regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}$/, { error: "an image with its tag or digest" }),
        ),
      "docker.io/library/caddy:2.10.2-alpine",
    ),
    network: z._default(routerName, "proxy"),
    /** The certificate authority writes there. */
    email: z.optional(z.email()),
    /** Another authority than Caddy's own choice, as for a rehearsal. */
    acme_ca: z.optional(z.url({ protocol: /^https$/ })),
  }),
  z.strictObject({
    kind: z.literal("nginx"),
    config: z._default(absolutePath, "/etc/nginx/nginx.conf"),
    sites: z._default(absolutePath, "/etc/nginx/conf.d"),
    /** A folder for each name in it, with fullchain.pem and privkey.pem, as certbot lays them out. */
    certificates: z._default(absolutePath, "/etc/letsencrypt/live"),
  }),
  z.strictObject({
    kind: z.literal("traefik"),
    /** The folder that its file provider watches. */
    sites: z._default(absolutePath, "/etc/traefik/dynamic"),
    entrypoint: z._default(routerName, "websecure"),
    /** Who gets the certificates; none where the entry point knows. */
    resolver: z.optional(routerName),
    /** The container network that it shares with services: they then carry labels, and publish no port. */
    network: z.optional(routerName),
  }),
]);

const hostSchema = z.strictObject({
  /** `local` runs on this machine, for a rehearsal; it passes the same gate. */
  transport: z._default(z.enum(["ssh", "local"]), "ssh"),
  /** What OpenSSH is given; the host's own name unless told. */
  address: z.optional(
    z.string().check(
      z.regex(/^[A-Za-z0-9_][A-Za-z0-9_.@:-]*$/, {
        error: "a host name, user@host or an alias of your ssh configuration",
      }),
    ),
  ),
  tier: z._default(z.enum(["local", "staging", "live"]), "live"),
  runtime: z._default(z.enum(["compose", "process", "static"]), "compose"),
  /** Where services live; each has a folder of its own name in it. */
  directory: z._default(absolutePath, "/srv"),
  proxy: z.optional(proxySchema),
  host_keys: z.optional(z.array(z.string().check(z.regex(/^SHA256:[A-Za-z0-9+/]{43}$/)))),
  memory: z.optional(z.string()),
  cpus: z.optional(z.number().check(z.positive())),
  /** What it costs a month, and what all of it may cost; in one currency, whichever that is. */
  monthly_cost: z.optional(z.number().check(z.nonnegative())),
  monthly_limit: z.optional(z.number().check(z.positive())),
  note: z.optional(z.string()),
});

const serviceSchema = z.strictObject({
  host: name,
  /** The service's repository, relative to this project or absolute. */
  path: z.optional(z.string().check(z.minLength(1))),
  owner: z.optional(z.string()),
  /** Services that it cannot do without, by name: for `impact`. */
  depends_on: z.optional(z.array(name)),
  /** What it may take, publishes and keeps, where no prepared Compose file says so. */
  memory: z.optional(z.string()),
  cpus: z.optional(z.number().check(z.positive())),
  ports: z.optional(z.array(z.string())),
  volumes: z.optional(z.array(z.string())),
  restart: z.optional(z.string()),
  /** What backs up its data; for people. */
  backup: z.optional(z.string()),
  monthly_cost: z.optional(z.number().check(z.nonnegative())),
});

export const inventorySchema = z.strictObject({
  hosts: z._default(z.record(name, hostSchema), {}),
  services: z._default(z.record(name, serviceSchema), {}),
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

import * as z from "zod/mini";
import { scanHidden } from "../text/characters.ts";
import { unique } from "./unique-items.ts";

type Artifact = { image: string; command?: string[] } | { static: string } | { migration: string };

interface Port {
  container: number;
  /** On the host, where the memo asks for one. */
  host?: number;
  protocol?: "tcp" | "udp";
}

export interface EnvVariable {
  name: string;
  /** True unless the memo says otherwise. */
  required: boolean;
  /** Where the memo does not say: whether the name is that of a secret. */
  secret: boolean;
  description?: string;
}

interface Dependency {
  name: string;
  kind?: "database" | "queue" | "cache" | "storage" | "service";
  version?: string;
  /** Where it is to be run beside the service. */
  image?: string;
}

interface Volume {
  name: string;
  /** Absolute, in the container. */
  path: string;
  backup?: string;
}

/** Either `url` or `path`, which is below the first domain. */
interface Verification {
  url?: string;
  path?: string;
  /** Literal text that must come back. */
  expect?: string;
}

/** What is to be deployed, with short forms written out. The schema below says what each part may hold. */
export interface DeploymentBlock {
  service: string;
  version: string;
  artifacts?: Artifact[];
  ports?: Port[];
  domains?: string[];
  env?: EnvVariable[];
  depends_on?: Dependency[];
  volumes?: Volume[];
  data?: { stateful?: boolean; migrations?: string; backup?: string };
  /** `memory` as Compose writes it, `256m`; `cpus` in processors. */
  resources?: { memory?: string; cpus?: number };
  health?: { path?: string; port?: number; command?: string[] };
  verify?: Verification[];
  rollback?: { to?: string; data?: string };
  owner?: string;
  /** In words: `by the proxy`, `our own, renewed by hand in May`. */
  certificates?: string;
  /** In words and with a currency: `5 EUR`. */
  cost?: { monthly?: string; limit?: string };
  /** What is expected: `20 requests a second at noon`. */
  traffic?: string;
  /** How long it may be away. */
  downtime?: string;
  source?: { commit?: string; author?: "ai" | "human" | "mixed"; tool?: string };
  /** `coverage` in percent. */
  tests?: { command?: string; coverage?: number };
}

/**
 * The deployment block as a person writes it. It is read from strings (received YAML has no numbers), so numbers and
 * truth values are recognised here. All but `service` and `version` may be missing: what is missing is asked, not guessed.
 */

const maxItems = 200;

/** One line that a person can see in full. */
const line = z.string().check(
  z.minLength(1, "must not be empty"),
  z.maxLength(1_000, "must not be longer than 1,000 characters"),
  z.refine(
    (text) => !/[\r\n\t]/.test(text) && scanHidden(text).next().done === true,
    "must be one line of visible text",
  ),
);

function matching(pattern: RegExp, rule: string) {
  return line.check(z.refine((text) => pattern.test(text), rule));
}

const name = matching(
  /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/,
  "must be lower-case letters, digits, dashes and underscores",
);
const version = matching(
  /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/,
  "must be a version like 1.2.0, without spaces",
);
const image = matching(
  /^[a-z0-9][\w./:@-]{0,254}$/i,
  "must be an image reference like ghcr.io/acme/shop:1.2.0",
);
const domain = matching(
  /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  "must be a host name in lower case, without scheme, port or path",
);
const absolutePath = matching(/^\/[^\s:]*$/, "must be an absolute path without spaces");
const urlPath = matching(/^\/\S*$/, "must be a path that begins with /");
const url = matching(/^https?:\/\/\S+$/, "must be a URL that begins with http:// or https://");

function numeric(pattern: RegExp, rule: string, low: number, high: number) {
  return z
    .pipe(
      z.union([z.string(), z.number()]).check(z.refine((value) => pattern.test(String(value)), rule)),
      z.transform(Number),
    )
    .check(z.refine((value) => value >= low && value <= high, `must lie between ${low} and ${high}`));
}

const portNumber = numeric(/^\d{1,5}$/, "must be a port number", 1, 65_535);
const cpus = numeric(/^\d{1,4}(?:\.\d{1,3})?$/, "must be a number of processors like 0.5", 0.01, 1_024);
const percent = numeric(/^\d{1,3}(?:\.\d{1,3})?$/, "must be a percentage like 82.5, without a sign", 0, 100);

const truth = z.pipe(
  z
    .union([z.string(), z.boolean()])
    .check(z.refine((value) => ["true", "false"].includes(String(value)), "must be true or false")),
  z.transform((value) => String(value) === "true"),
);

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** An engine starts nothing with less, and takes none at all for no limit. */
const LEAST_MEMORY = 6 * 1024 ** 2;

/** `512Mi`, `1 GB` and `256m` as Compose writes them. */
const memory = z.pipe(
  matching(/^\d{1,6}(?:\.\d{1,3})? ?(?:[kmgKMG](?:i?[bB]?)?|[bB])$/, "must be an amount like 256m or 1g"),
  z
    .transform((text: string) =>
      text
        .toLowerCase()
        .replace(/ /, "")
        .replace(/(?<=[kmg])i?b?$/, ""),
    )
    .check(
      z.refine(
        (text) => Number.parseFloat(text) * (UNITS[text.slice(-1)] ?? 1) >= LEAST_MEMORY,
        "must be at least 6m",
      ),
    ),
);

function listOf<T extends z.ZodMiniType>(item: T) {
  return z.array(item).check(z.maxLength(maxItems, `must not have more than ${maxItems} items`));
}

/** Arguments as a list, or one string for what needs no shell: it is split at spaces. */
const command = z.union([
  listOf(line).check(z.minLength(1, "must not be empty")),
  z.pipe(
    matching(/^[^"'`$\\|&;<>()*?]+$/, "must be a list of arguments, since it holds a character for a shell"),
    z.transform((text) => text.split(/ +/).filter((word) => word !== "")),
  ),
]);

const artifact = z.union([
  z.strictObject({ image, command: z.exactOptional(command) }),
  z.strictObject({ static: line }),
  z.strictObject({ migration: line }),
]);

/** `3000`, `8080:3000` (host first, as in Compose), or `{ container: 3000, host: 8080 }`. */
const port = z.union([
  z.pipe(
    portNumber,
    z.transform((container) => ({ container })),
  ),
  z
    .pipe(
      z
        .string()
        .check(z.regex(/^\d{1,5}:\d{1,5}$/, "must be a port, host:container, or { container, host }")),
      z.transform((text) => {
        const [host = 0, container = 0] = text.split(":").map(Number);
        return { container, host };
      }),
    )
    .check(
      z.refine(
        ({ host, container }) => [host, container].every((p) => p >= 1 && p <= 65_535),
        "must be port numbers",
      ),
    ),
  z.strictObject({
    container: portNumber,
    host: z.exactOptional(portNumber),
    protocol: z.exactOptional(z.enum(["tcp", "udp"])),
  }),
]);

const variableName = matching(
  /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
  "must be the name of a variable, without a value",
);
/** Where the memo does not say, a name like this is treated as a secret's: the careful side. */
const secretName = /PASS|SECRET|TOKEN|KEY|CREDENTIAL|PRIVATE|DSN|DATABASE_URL|_URI$/i;

/** `DATABASE_URL`, or with all that is known of it. Never a value: that has no place in a memo. */
const variable = z.pipe(
  z.union([
    z.pipe(
      variableName,
      z.transform((text) => ({ name: text })),
    ),
    z.strictObject({
      name: variableName,
      required: z.exactOptional(truth),
      secret: z.exactOptional(truth),
      description: z.exactOptional(line),
    }),
  ]),
  z.transform(
    ({ name, required, secret, description }: Partial<EnvVariable> & { name: string }): EnvVariable => ({
      name,
      required: required ?? true,
      secret: secret ?? secretName.test(name),
      ...(description !== undefined && { description }),
    }),
  ),
);

/** `postgres`, or with its kind, version and image where it is to be run here. */
const dependency = z.union([
  z.pipe(
    name,
    z.transform((text) => ({ name: text })),
  ),
  z.strictObject({
    name,
    kind: z.exactOptional(z.enum(["database", "queue", "cache", "storage", "service"])),
    version: z.exactOptional(version),
    image: z.exactOptional(image),
  }),
]);

/** `data:/var/lib/shop`, or `{ name: data, path: /var/lib/shop, backup: … }`. */
const volume = z.union([
  z.pipe(
    z
      .string()
      .check(
        z.regex(/^[a-z0-9][a-z0-9_-]{0,62}:\/[^\s:]*$/, "must be name:/path, or { name, path, backup }"),
      ),
    z.transform((text) => ({
      name: text.slice(0, text.indexOf(":")),
      path: text.slice(text.indexOf(":") + 1),
    })),
  ),
  z.strictObject({ name, path: absolutePath, backup: z.exactOptional(line) }),
]);

/** A URL, a path below the first domain, or either with the text that must come back. */
const verification = z.union([
  z.pipe(
    url,
    z.transform((text) => ({ url: text })),
  ),
  z.pipe(
    urlPath,
    z.transform((text) => ({ path: text })),
  ),
  z
    .strictObject({
      url: z.exactOptional(url),
      path: z.exactOptional(urlPath),
      expect: z.exactOptional(line),
    })
    .check(
      z.refine(
        (check) => (check.url === undefined) !== (check.path === undefined),
        "must name either url or path",
      ),
    ),
]);

export const deploymentSchema: z.ZodMiniType<DeploymentBlock> = z.strictObject({
  service: name,
  version,
  artifacts: z.exactOptional(listOf(artifact)),
  ports: z.exactOptional(
    listOf(port).check(unique(({ container, protocol = "tcp" }: Port) => `${container}/${protocol}`)),
  ),
  domains: z.exactOptional(listOf(domain).check(unique((name: string) => name))),
  env: z.exactOptional(listOf(variable).check(unique(({ name }) => name))),
  depends_on: z.exactOptional(listOf(dependency).check(unique(({ name }) => name))),
  volumes: z.exactOptional(listOf(volume).check(unique(({ path }) => path.replace(/(?<=.)\/+$/, "")))),
  data: z.exactOptional(
    z.strictObject({
      stateful: z.exactOptional(truth),
      migrations: z.exactOptional(line),
      backup: z.exactOptional(line),
    }),
  ),
  resources: z.exactOptional(
    z.strictObject({ memory: z.exactOptional(memory), cpus: z.exactOptional(cpus) }),
  ),
  health: z.exactOptional(
    z.strictObject({
      path: z.exactOptional(urlPath),
      port: z.exactOptional(portNumber),
      command: z.exactOptional(command),
    }),
  ),
  verify: z.exactOptional(listOf(verification)),
  rollback: z.exactOptional(z.strictObject({ to: z.exactOptional(version), data: z.exactOptional(line) })),
  owner: z.exactOptional(line),
  certificates: z.exactOptional(line),
  cost: z.exactOptional(z.strictObject({ monthly: z.exactOptional(line), limit: z.exactOptional(line) })),
  traffic: z.exactOptional(line),
  downtime: z.exactOptional(line),
  source: z.exactOptional(
    z.strictObject({
      commit: z.exactOptional(matching(/^[0-9a-f]{7,64}$/, "must be a git commit id")),
      author: z.exactOptional(z.enum(["ai", "human", "mixed"])),
      tool: z.exactOptional(line),
    }),
  ),
  tests: z.exactOptional(
    z.strictObject({ command: z.exactOptional(line), coverage: z.exactOptional(percent) }),
  ),
});

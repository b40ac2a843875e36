import * as z from "zod/mini";
import type { DeploymentBlock, EnvVariable, Port } from "./deployment-block.ts";
import {
  absolutePath,
  command,
  cpus,
  domain,
  image,
  line,
  listOf,
  matching,
  memory,
  name,
  percent,
  portNumber,
  truth,
  url,
  urlPath,
  version,
} from "./deployment-values.ts";
import { unique } from "./unique-items.ts";

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

/**
 * The deployment block as a person writes it. It is read from strings (received YAML has no numbers), so numbers and
 * truth values are recognised here. All but `service` and `version` may be missing: what is missing is asked, not guessed.
 */
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

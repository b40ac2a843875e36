type Artifact = { image: string; command?: string[] } | { static: string } | { migration: string };

export interface Port {
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

/** What is to be deployed, with short forms written out. `deployment-schema.ts` says what each part may hold. */
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

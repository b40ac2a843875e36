import { join } from "node:path";
import * as z from "zod/mini";
import { readRegularFile } from "../platform/files.ts";
import { decodeText } from "../text/decode.ts";
import { readYaml } from "../text/yaml-own.ts";
import { actionDefinitions } from "./action-definition.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { memoTypes } from "./memo-types.ts";
import { NAME_PATTERN, NAME_RULE } from "./names.ts";

const name = z.string().check(z.regex(NAME_PATTERN, { error: `a name is ${NAME_RULE}` }));
const day = z.iso.date({ error: "a day is written 2027-06-30" });

/** Who can play a role: rules, a model through an API, or a vendor's agent CLI. */
export const providers = ["builtin", "anthropic", "openai", "google", "claude", "codex", "gemini"] as const;

const perMillionTokens = z.number().check(z.minimum(0));

const agent = z.strictObject({
  provider: z.enum(providers),
  model: z.optional(z.string()),
  base_url: z.optional(z.url()),
  /** The most that a model may say in one turn: servers refuse more than theirs can. */
  max_tokens: z.optional(z.int().check(z.minimum(1))),
  /** As the vendor's price list says; without it, a session says its tokens and not what they cost. */
  price: z.optional(
    z.strictObject({
      input: perMillionTokens,
      output: perMillionTokens,
      cached: z.optional(perMillionTokens),
    }),
  ),
});

const publicKey = z.string().check(
  z.regex(/^(?:ssh|sk-ssh|ecdsa|sk-ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}(?: .*)?$/, {
    error: "a key is written as in a .pub file: ssh-ed25519 AAAA…",
  }),
);

const peer = z
  .strictObject({
    path: z.optional(z.string().check(z.minLength(1))),
    git: z.optional(z.string().check(z.minLength(1))),
    /** Whose signature on its mail counts; for a git address. */
    signers: z.optional(z.array(publicKey).check(z.minLength(1))),
  })
  .check(
    z.refine((value) => (value.path === undefined) !== (value.git === undefined), {
      error: "a peer has either a path or a git address",
    }),
    z.refine((value) => value.signers === undefined || value.git !== undefined, {
      error: "signers are for a peer with a git address: mail from a path is compared with the sender's copy",
    }),
  );

const grant = z.strictObject({
  from: name,
  types: z.optional(z.array(z.enum(memoTypes))),
  read: z.optional(z.array(z.enum(["state", "memos"]))),
  until: z.optional(day),
});

export const projectSchema = z.strictObject({
  project: name,
  agents: z
    .record(name, agent)
    .check(
      z.refine((agents) => Object.keys(agents).length > 0, { error: "a project has at least one agent" }),
    ),
  peers: z._default(z.record(name, peer), {}),
  accepts: z._default(z.array(grant), []),
  /** Mail keys of this project itself on other machines. */
  signers: z.optional(z.array(publicKey)),
  commands: z._default(z.record(name, z.string().check(z.minLength(1))), {}),
  actions: actionDefinitions,
  state: z.optional(z.strictObject({ recent: z.optional(z.int().check(z.minimum(1), z.maximum(100))) })),
});

export type ProjectConfig = z.output<typeof projectSchema>;
export type Grant = ProjectConfig["accepts"][number];

/** A project as it stands on disk: its folder and what its vibeops.yaml says. */
export interface Project {
  /** Absolute real path. */
  readonly root: string;
  readonly name: string;
  readonly config: ProjectConfig;
  /** The bytes of vibeops.yaml as text. */
  readonly configText: string;
  /** Line (from 1) of a key in vibeops.yaml, for messages. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/** Reads the project in this folder. @throws VibeopsError `file.missing`, `yaml.syntax`, `schema.invalid` */
export function loadProject(root: string): Project {
  const file = join(root, PROJECT_FILE);
  const configText = decodeText(readRegularFile(file), file);
  const { value, lineOf } = readYaml(configText, projectSchema, file);
  return { root, name: value.project, config: value, configText, lineOf };
}

/** The first agent's role: who `project` alone means, and who acts unless told. */
export function firstRole(project: Project): string {
  return Object.keys(project.config.agents)[0] ?? "agent";
}

import type * as z from "zod/mini";
import type { Tier } from "../tier.ts";

/**
 * What an action's command can do, at least: `read` changes nothing, `host` counts as the host's tier does,
 * `destructive` loses something for good.
 */
export type Effect = "read" | "host" | "destructive";

/** One command that an action compiles to; what is left out is the fence's default. */
export interface CompiledCommand {
  readonly script: string;
  /** `30s`, `5m`. */
  readonly timeout?: string;
  readonly expect?: string;
  readonly attempts?: number;
  readonly interval?: string;
}

interface Compiled {
  readonly run?: CompiledCommand;
  /** Must only read: a check of an action has tier `read`. */
  readonly check?: CompiledCommand;
  readonly rollback?: CompiledCommand;
  /** Why there is no rollback, where there is a run and none. */
  readonly noRollback?: string;
}

/** What a compiler may look at. It never reads anything else, so the same parameters give the same commands. */
export interface CompileSource {
  /** The runbook's id: what an action keeps for the way back is kept under it. */
  readonly runbook: string;
  /** What the project defines besides the actions that come with vibeops. */
  readonly actions?: readonly Action[];
  /** The bytes of a file below the project's root; throws VibeopsError. */
  readFile(path: string): Uint8Array;
}

/** What `vibeops runbook actions` says beside the parameters. */
interface ActionText {
  /** What the check proves, as the end of "check: …". */
  readonly check: string;
  readonly rollback: string;
  /** A `with` that compiles. */
  readonly example: Readonly<Record<string, unknown>>;
}

/** A scoped operation: schema, compiler, check and way back in one place. */
export interface Action<P = unknown> {
  /** `compose.up` */
  readonly name: string;
  /** One sentence for `vibeops runbook actions`. */
  readonly summary: string;
  /** Raised whenever what it compiles to changes its meaning: part of what an approval covers. */
  readonly version: number | string;
  readonly schema: z.ZodMiniType<P>;
  readonly says: ActionText;
  /** Present where a project defined it: the file, and the least tier of what it runs. */
  readonly defined?: { readonly file: string; readonly tier?: Tier };
  effect(params: P): { readonly run: Effect; readonly rollback: Effect };
  compile(params: P, source: CompileSource): Compiled;
}

/** Types the parameters inside a definition and forgets the type outside of it. */
export function defineAction<P>(action: Action<P>): Action<unknown> {
  return action as Action<unknown>;
}

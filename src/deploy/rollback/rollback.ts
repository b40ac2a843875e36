import type { DeploymentBlock } from "../../memo/deployment.ts";
import type { Memo } from "../../memo/memo.ts";
import type { FindTemplate } from "../catalogue.ts";
import type { PlannedFile } from "../file-plan.ts";
import type { Manifest } from "../manifest.ts";
import type { Place } from "../place.ts";
import type { StaticFiles } from "../static-files.ts";
import type { Way } from "./choose-version.ts";
import type { RecordedBackup } from "./find-backups.ts";
import type { RestoredFiles } from "./restored-files.ts";
import type { ServiceTrail } from "./trail.ts";

/** All that a way back is made from; gather-rollback.ts reads it. */
export interface RollbackInput {
  readonly trail: ServiceTrail;
  readonly way: Way;
  /** The configuration of the version that is gone back to. */
  readonly restored: RestoredFiles;
  /** From which that version was prepared, and its block. */
  readonly memo: Memo;
  readonly block: DeploymentBlock;
  readonly place: Place;
  /** `role@project`: who prepares. */
  readonly author: string;
  /** As in {@link Situation}. */
  readonly repository: string | null;
  readonly commit: string | null;
  /** Where the files of a static release are to be had from; null for everything else. */
  readonly source: Pick<StaticFiles, "committed" | "below"> | null;
  /** Of each deployment since, by its runbook; null where its memo cannot be read any more. */
  readonly blocks: ReadonlyMap<string, DeploymentBlock | null>;
  readonly keepData: boolean;
  /** What the service's folder holds now. */
  readonly current: Manifest | null;
  readonly currentIsDecided: boolean;
  /** Path → bytes that are there now, all of them in HEAD. */
  readonly before: ReadonlyMap<string, Buffer>;
  readonly currentRunbook: Buffer | null;
  readonly newRunbook: string;
  readonly find: FindTemplate;
}

/** What `prepare --rollback` would do; nothing has been written. */
export interface RollbackPlan {
  readonly service: string;
  readonly version: string;
  /** The version that is left. */
  readonly from: string;
  readonly host: string;
  readonly runbook: { readonly id: string; readonly path: string };
  /** Where the configuration comes from. */
  readonly commit: string;
  readonly files: readonly PlannedFile[];
  /** Prepared for a later version, in git, and taken away here. */
  readonly removed: readonly { readonly path: string; readonly before: Buffer }[];
  readonly backups: readonly RecordedBackup[];
  /** What cannot come back, and what nobody knows of it, as Markdown sentences. */
  readonly losses: readonly string[];
  readonly changed: boolean;
}

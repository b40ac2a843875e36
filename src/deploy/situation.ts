import type { DeploymentBlock } from "../memo/deployment.ts";
import type { Place } from "./place.ts";
import type { Settings } from "./settings.ts";

/** All that decides which questions are open. */
export interface Situation {
  readonly block: DeploymentBlock;
  readonly place: Place;
  readonly settings: Settings;
  /** Where the service's repository is; null where nobody says. Only a process is run from it. */
  readonly repository: string | null;
  /** The full id of the commit in that repository; null where there is none of that name. */
  readonly commit: string | null;
  /** Prepared files that a person edited since: they stay as they are, whatever the memo says now. */
  readonly kept: readonly string[];
  /** The host that the service was prepared for before, where that was another one. */
  readonly cameFrom?: string | undefined;
  /** Bytes that everything else on the host may take by its limits; not given where nobody added it up. */
  readonly others?: number | undefined;
}

import type { DeploymentBlock } from "../../memo/deployment.ts";
import type { Finding } from "../../text/finding.ts";
import type { FoundVariable } from "./facts.ts";

/** The block as far as files say it: service and version may be missing too, and variables need not be described. */
export type ScannedBlock = Partial<Omit<DeploymentBlock, "env">> & { env?: FoundVariable[] };

/** One fact and where it was found. */
export interface Evidence {
  /** Where it belongs in the block: `ports`, `health.path`; `remark` for what has no place there. */
  field: string;
  value: string;
  /** `Dockerfile:12 EXPOSE` */
  source: string;
  file: string;
  /** From 1; 0 where it stands on no line, as a tag of git. */
  line: number;
}

/** Two files say different things of one field: it is left open. */
export interface Conflict {
  field: string;
  said: Evidence[];
}

/** What the files do not say. */
export interface Unknown {
  field: string;
  why: string;
}

export interface Scan {
  block: ScannedBlock;
  /** Of everything that stands in the block. */
  evidence: Evidence[];
  /** Found too, with no place in the block. */
  remarks: Evidence[];
  conflicts: Conflict[];
  /** Names of which one must be chosen (`--service`); empty where nothing is to choose. */
  services: string[];
  unknown: Unknown[];
  findings: Finding[];
}

import { stringify } from "yaml";
import type { ScannedBlock } from "./scan.ts";

/** The block as YAML for its fence: what readDeployment reads, once service and version are in it. */
export function formatScannedBlock(block: ScannedBlock): string {
  const env = block.env?.map((variable) => (Object.keys(variable).length === 1 ? variable.name : variable));
  const ports = block.ports?.map((port) => (Object.keys(port).length === 1 ? port.container : port));
  const { service, version, ...rest } = block;
  const written = {
    ...(service === undefined ? {} : { service }),
    ...(version === undefined ? {} : { version }),
    ...rest,
    ...(ports === undefined ? {} : { ports }),
    ...(env === undefined ? {} : { env }),
  };
  return Object.keys(written).length === 0 ? "" : stringify(written, { lineWidth: 0 });
}

import { posix } from "node:path";
import type { ComposeRule } from "../rule.ts";

const DISKS =
  /^\/dev\/(?:(?:sd[a-z]+|vd[a-z]+|xvd[a-z]+|hd[a-z]+)\d*|nvme\d+n\d+(?:p\d+)?|mmcblk\d+(?:p\d+)?|md\d+|dm-\d+|(?:mapper|disk)\/.+|mem|kmem|port)$/;

export const diskDevice: ComposeRule = {
  id: "compose.disk-device",
  level: "error",
  summary: "no container gets the host's disks or memory",
  why: "Who reads and writes a disk below its file system reads and writes every file of the host.",
  *check({ services }) {
    for (const service of services)
      for (const item of service.items("devices")) {
        const source = item.get("source") ?? item;
        const [device = ""] = (source.filled ?? "").split(":");
        if (!DISKS.test(posix.normalize(device))) continue;
        yield {
          spot: item,
          message: `'${service.name}' gets '${device}' of the host`,
          fix: "mount the file system on the host, and give the folder that it needs as a volume",
        };
      }
  },
};

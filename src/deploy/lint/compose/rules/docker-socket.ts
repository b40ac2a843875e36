import { readHostMounts } from "../mounts.ts";
import type { ComposeRule } from "../rule.ts";

const SOCKET = /(?:^|[\\/])(?:docker(?:_engine)?|podman|containerd|crio)(?:\.sock|\.pipe)?$/;
/** Folders of the host that hold one; /run itself is `host-path`'s. */
const FOLDER = /^\/(?:var\/)?run\/(?:podman|containerd|crio|user\/\d+(?:\/podman)?)\/*$/;
const PLACE = /\.sock$|[\\/]pipe[\\/]/;

export const dockerSocket: ComposeRule = {
  id: "compose.docker-socket",
  level: "error",
  summary: "no container gets the container engine's socket",
  why: "Whoever reaches it is root on the host; mounting it read-only changes nothing about that.",
  *check(project) {
    const fix =
      "delete it; where a proxy must see containers, put a docker-socket-proxy with read rights between them";
    for (const service of project.services) {
      const api = service.get("use_api_socket");
      if (api !== undefined && service.isOn("use_api_socket"))
        yield { spot: api, message: `'${service.name}' gets the engine's socket`, fix };
      for (const mount of readHostMounts(service, project)) {
        const from = mount.from ?? mount.to ?? "";
        if ((PLACE.test(from) && SOCKET.test(from)) || FOLDER.test(from))
          yield {
            spot: mount,
            message: `'${service.name}' gets the engine's socket, and with it the host`,
            fix,
          };
      }
    }
  },
};

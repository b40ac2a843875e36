import { execFileSync } from "node:child_process";
import { chmodSync, constants, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram } from "./missing-components.ts";

export type Base = "node" | "busybox";

const APPLETS =
  "sh ash cat chmod chown cp date echo env false grep head id kill ls mkdir mktemp mv nc printf ps rm sed sleep stat tail test touch true wc wget whoami";

/** Lays out a small root file system: BusyBox, an ordinary user `node` (1000), and Node.js when asked for. */
export function layOutBase(base: Base, folder: string): void {
  for (const name of ["bin", "etc", "root", "home/node"]) mkdirSync(join(folder, name), { recursive: true });
  mkdirSync(join(folder, "tmp"));
  chmodSync(join(folder, "tmp"), 0o1777);
  copyProgram("busybox", join(folder, "bin/busybox"));
  for (const applet of APPLETS.split(" ")) symlinkSync("busybox", join(folder, "bin", applet));
  writeFileSync(
    join(folder, "etc/passwd"),
    "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n",
  );
  writeFileSync(join(folder, "etc/group"), "root:x:0:\nnode:x:1000:\n");
  if (base === "node") addNode(folder);
}

function addNode(folder: string): void {
  copyFile(process.execPath, join(folder, "usr/local/bin/node"));
  const listed = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
  for (const [, path] of listed.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)) {
    if (path !== undefined) copyFile(path, join(folder, path));
  }
}

function copyProgram(name: string, target: string): void {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  copyFile(path, target);
}

function copyFile(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, 0o755);
}

/** The `Dockerfile` for a folder of files without one: they are served by httpd or run as `server.js`. */
export const DOCKERFILES: Readonly<Record<Base, string>> = {
  busybox: `FROM localhost/base-busybox
COPY . /www
EXPOSE 3000
USER node
CMD ["busybox", "httpd", "-f", "-p", "3000", "-h", "/www"]
`,
  node: `FROM localhost/base-node
WORKDIR /app
COPY . .
EXPOSE 3000
USER node
CMD ["node", "server.js"]
`,
};

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { findProgram } from "./missing-components.ts";

export type Base = "node" | "busybox" | "postgres" | "caddy" | "python";

/** What serves or runs files that bring no `Dockerfile`. */
export type PlainBase = "node" | "busybox";

const APPLETS =
  "sh ash cat chmod chown cp date echo env false grep head id kill ls mkdir mktemp mv nc printf ps rm sed sleep stat tail test touch true wc wget whoami";

/** Lays out a small root file system: BusyBox, an ordinary user `node` (1000), and Node.js when asked for. */
export function layOutBase(base: Base, folder: string): void {
  for (const name of ["bin", "etc", "root", "home/node"]) mkdirSync(join(folder, name), { recursive: true });
  mkdirSync(join(folder, "tmp"));
  chmodSync(join(folder, "tmp"), 0o1777);
  copyFile(requireProgram("busybox"), join(folder, "bin/busybox"));
  for (const applet of APPLETS.split(" ")) symlinkSync("busybox", join(folder, "bin", applet));
  writeFileSync(
    join(folder, "etc/passwd"),
    "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n",
  );
  writeFileSync(join(folder, "etc/group"), "root:x:0:\nnode:x:1000:\n");
  ADDITIONS[base](folder);
}

/** What a base has beside BusyBox. */
const ADDITIONS: Readonly<Record<Base, (folder: string) => void>> = {
  busybox: () => {},
  node: (folder) => addProgram(process.execPath, folder, "usr/local/bin/node"),
  postgres: addPostgres,
  python: addPython,
  caddy: (folder) => addProgram(requireProgram("caddy"), folder, "usr/bin/caddy"),
};

/** Debian's PostgreSQL, the newest that is installed; its programs are links in /usr/local/bin. */
function addPostgres(folder: string): void {
  const version = readdirSync("/usr/lib/postgresql").sort().at(-1) ?? "";
  const programs = join("/usr/lib/postgresql", version, "bin");
  mkdirSync(join(folder, "usr/local/bin"), { recursive: true });
  for (const name of readdirSync(programs)) {
    addProgram(join(programs, name), folder, join(programs, name));
    symlinkSync(join(programs, name), join(folder, "usr/local/bin", name));
  }
  const modules = join("/usr/lib/postgresql", version, "lib");
  for (const name of ["plpgsql.so", "dict_snowball.so"]) {
    copyFile(join(modules, name), join(folder, modules, name));
  }
  for (const path of [join("/usr/share/postgresql", version), "/usr/share/zoneinfo"]) {
    cpSync(path, join(folder, path), {
      recursive: true,
      dereference: true,
      filter: (from) => existsSync(from),
    });
  }
}

/** Debian's Python with its library and pip, and what makes a user in a build. */
function addPython(folder: string): void {
  const program = realpathSync("/usr/bin/python3");
  for (const name of ["python", "python3"]) addProgram(program, folder, `usr/local/bin/${name}`);
  addProgram(requireProgram("useradd"), folder, "usr/bin/useradd");
  const library = program.replace("/bin/", "/lib/");
  const skipped = /\/(?:test|config-[^/]*|__pycache__|idlelib|ensurepip)$/;
  for (const path of [library, "/usr/lib/python3/dist-packages/pip"]) {
    cpSync(path, join(folder, path), { recursive: true, filter: (from) => !skipped.test(from) });
  }
  const pip = '#!/bin/sh\nexec python -m pip "$@"\n';
  writeFileSync(join(folder, "usr/local/bin/pip"), pip, { mode: 0o755 });
  // What of the library is loaded from machine code brings libraries of its own: TLS, compression.
  for (const name of readdirSync(join(library, "lib-dynload"))) {
    const module = join(library, "lib-dynload", name);
    addProgram(module, folder, module);
  }
}

/** A program under another name, and the libraries that it loads. */
function addProgram(program: string, folder: string, target: string): void {
  copyFile(program, join(folder, target));
  // A program that was linked statically has none, and ldd says so by its exit code.
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  for (const [, path] of stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)) {
    if (path !== undefined) copyFile(path, join(folder, path));
  }
}

function requireProgram(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

function copyFile(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, 0o755);
}

/** The `Dockerfile` for a folder of files without one: they are served by httpd or run as `server.js`. */
export const DOCKERFILES: Readonly<Record<PlainBase, string>> = {
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

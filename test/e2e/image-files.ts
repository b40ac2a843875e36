import { spawnSync } from "node:child_process";
import {
  appendFileSync,
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
import { layOutPackages, PACKAGE_ADDITIONS, PACKAGES, type PackageBase } from "./package-base.ts";

export type Base = "node" | "busybox" | "postgres" | "caddy" | "python" | "nginx" | PackageBase;

/** What serves or runs files that bring no `Dockerfile`. */
export type PlainBase = "node" | "busybox";

const APPLETS =
  "sh ash cat chmod chown cp date echo env false grep head id kill ls mkdir mktemp mv nc printf ps rm sed sleep stat tail test touch true wc wget whoami";

/** Lays out a small root file system: BusyBox, an ordinary user `node` (1000), and Node.js when asked for. */
export function layOutBase(base: Base, folder: string): void {
  if (isPackageBase(base)) layOutPackages(PACKAGES[base], folder);
  for (const name of ["bin", "etc", "root", "home/node"]) mkdirSync(join(folder, name), { recursive: true });
  mkdirSync(join(folder, "tmp"));
  chmodSync(join(folder, "tmp"), 0o1777);
  copyFile(requireProgram("busybox"), join(folder, "bin/busybox"));
  for (const applet of APPLETS.split(" ")) {
    if (!existsSync(join(folder, "bin", applet))) symlinkSync("busybox", join(folder, "bin", applet));
  }
  writeFileSync(
    join(folder, "etc/passwd"),
    "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n",
  );
  writeFileSync(join(folder, "etc/group"), "root:x:0:\nnode:x:1000:\n");
  if (!existsSync(join(folder, "bin/adduser"))) {
    writeFileSync(join(folder, "bin/adduser"), ADD_USER, { mode: 0o755 });
  }
  ADDITIONS[base](folder);
}

const isPackageBase = (base: Base): base is PackageBase => base in PACKAGES;

/** Alpine's BusyBox has this applet, Debian's has not. */
const ADD_USER = `#!/bin/sh
# adduser -S -D -H -u UID NAME
[ "$1 $2 $3 $4 $#" = "-S -D -H -u 6" ] || { echo "adduser: not carried out: $*" >&2; exit 1; }
echo "$6:x:$5:65533::/home/$6:/sbin/nologin" >> /etc/passwd
`;

/** What a base has beside BusyBox. */
const ADDITIONS: Readonly<Record<Base, (folder: string) => void>> = {
  ...PACKAGE_ADDITIONS,
  busybox: () => {},
  node: (folder) => addProgram(process.execPath, folder, "usr/local/bin/node"),
  postgres: addPostgres,
  python: addPython,
  caddy: (folder) => addProgram(requireProgram("caddy"), folder, "usr/bin/caddy"),
  nginx: addNginx,
};

/** The lines of a base's own Dockerfile that say as whom it runs what, unless told. */
export const STARTS: Readonly<Partial<Record<Base, string>>> = {
  php: 'CMD ["apache2-foreground"]',
  nginx: 'USER 101\nCMD ["nginx", "-g", "daemon off;"]',
};

/** As the image that nginx offers for ordinary users is made: port 8080, and everything that is written in /tmp. */
function addNginx(folder: string): void {
  addProgram(requireProgram("nginx"), folder, "usr/sbin/nginx");
  cpSync("/etc/nginx/mime.types", join(folder, "etc/nginx/mime.types"), { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path /tmp/${name};`)
    .join("\n");
  writeFileSync(
    join(folder, "etc/nginx/nginx.conf"),
    `pid /tmp/nginx.pid;
user nginx nginx;
error_log /dev/stderr;
events {}
http {
${temporary}
  include mime.types;
  access_log off;
  server { listen 8080; root /usr/share/nginx/html; }
}
`,
  );
  appendFileSync(join(folder, "etc/passwd"), "nginx:x:101:101::/nonexistent:/bin/false\n");
  appendFileSync(join(folder, "etc/group"), "nginx:x:101:\n");
  mkdirSync(join(folder, "var/log/nginx"), { recursive: true });
}

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

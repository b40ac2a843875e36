import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** Bases that are Debian's own packages, for languages that not every machine has. */
export type PackageBase = "go" | "rust" | "jdk" | "jre" | "ruby" | "php" | "composer";

export const PACKAGES: Readonly<Record<PackageBase, readonly string[]>> = {
  go: ["golang-go"],
  rust: ["cargo", "rustc"],
  jdk: ["openjdk-17-jdk-headless"],
  jre: ["openjdk-17-jre-headless"],
  ruby: ["ruby", "bundler", "puma", "passwd"],
  php: ["libapache2-mod-php8.2", "apache2", "sed", "php8.2-intl", "php8.2-mbstring"],
  composer: ["composer"],
};

/** What the image of that name has and Debian's packages have not. */
export const PACKAGE_ADDITIONS: Readonly<Record<PackageBase, (folder: string) => void>> = {
  go: () => {},
  jdk: () => {},
  jre: () => {},
  composer: copyPhpSettings,
  // Alpine's own links statically, and its package manager finds nothing to do: the linker is there.
  rust: (folder) => {
    mkdirSync(join(folder, "root/.cargo"), { recursive: true });
    const flags = '[build]\nrustflags = ["-C", "target-feature=+crt-static"]\n';
    writeFileSync(join(folder, "root/.cargo/config.toml"), flags);
    writeFileSync(join(folder, "usr/bin/apk"), "#!/bin/sh\n", { mode: 0o755 });
  },
  // There is no archive to fetch a compiler from, and these gems are there already.
  ruby: (folder) => {
    mkdirSync(join(folder, "usr/local/bundle"), { recursive: true });
    mkdirSync(join(folder, "usr/local/bin"), { recursive: true });
    writeFileSync(join(folder, "usr/local/bin/apt-get"), "#!/bin/sh\n", { mode: 0o755 });
  },
  php: addApache,
};

/** Which extensions are loaded is written when a package is installed. */
function copyPhpSettings(folder: string): void {
  cpSync("/etc/php", join(folder, "etc/php"), { recursive: true, verbatimSymlinks: true });
}

/** As docker-library makes PHP's image with Apache: what the environment says counts, and logs go to the container's. */
function addApache(folder: string): void {
  copyPhpSettings(folder);
  cpSync("/etc/apache2", join(folder, "etc/apache2"), { recursive: true, verbatimSymlinks: true });
  appendFileSync(join(folder, "etc/passwd"), "www-data:x:33:33::/var/www:/usr/sbin/nologin\n");
  appendFileSync(join(folder, "etc/group"), "www-data:x:33:\n");
  const enabled = join(folder, "etc/apache2/mods-enabled");
  for (const name of ["load", "conf"]) rmSync(join(enabled, `mpm_event.${name}`), { force: true });
  for (const module of ["mpm_prefork", "php8.2"]) {
    for (const name of [`${module}.load`, `${module}.conf`]) {
      rmSync(join(enabled, name), { force: true });
      symlinkSync(join("../mods-available", name), join(enabled, name));
    }
  }
  const variables = join(folder, "etc/apache2/envvars");
  const text = readFileSync(variables, "utf8");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
  writeFileSync(variables, text.replace(/^export ([^=\n]+)=(.*)$/gm, ": ${$1:=$2}\nexport $1"));
  writeFileSync(
    join(folder, "etc/apache2/conf-enabled/docker-php.conf"),
    "<FilesMatch \\.php$>\n  SetHandler application/x-httpd-php\n</FilesMatch>\nDirectoryIndex index.php index.html\n" +
      "<Directory /var/www/>\n  Options -Indexes\n  AllowOverride All\n</Directory>\n",
  );
  for (const name of ["var/www/html", "var/lock/apache2", "var/run/apache2", "var/log/apache2"]) {
    mkdirSync(join(folder, name), { recursive: true });
    chmodSync(join(folder, name), 0o1777);
  }
  for (const [name, stream] of [
    ["error", "stderr"],
    ["access", "stdout"],
    ["other_vhosts_access", "stdout"],
  ]) {
    symlinkSync(`/dev/${stream}`, join(folder, `var/log/apache2/${name}.log`));
  }
  mkdirSync(join(folder, "usr/local/bin"), { recursive: true });
  writeFileSync(
    join(folder, "usr/local/bin/apache2-foreground"),
    '#!/bin/sh\nset -e\n. /etc/apache2/envvars\nexec apache2 -DFOREGROUND "$@"\n',
    { mode: 0o755 },
  );
}

const DPKG_QUERY = "dpkg-query";

/** Names the packages that this machine does not have; all of them where it is no Debian. */
export function missingPackages(names: readonly string[]): string[] {
  const installed = readInstalled();
  return names.filter((name) => !installed.has(name)).map((name) => `package ${name}`);
}

/** Lays out a root file system of these installed packages and of all that they depend on, files as they lie here. */
export function layOutPackages(names: readonly string[], folder: string): void {
  for (const name of ["bin", "lib", "lib64", "sbin"]) {
    mkdirSync(join(folder, "usr", name), { recursive: true });
    symlinkSync(join("usr", name), join(folder, name));
  }
  const packages = closureOf(names, readInstalled());
  const files = run(DPKG_QUERY, ["--listfiles", ...packages])
    .split("\n")
    .filter((line) => line.startsWith("/") && !UNREAD.test(line));
  const script = `tar --create --no-recursion --ignore-failed-read --directory / --files-from - | tar --extract --keep-directory-symlink --directory "$1"`;
  run("sh", ["-c", script, "sh", folder], files.map((path) => `.${path}`).join("\n"));
  // `cc`, `java` and `awk` are links that no package lists.
  for (const name of readdirSync("/etc/alternatives")) {
    const chosen = realpathSync(join("/etc/alternatives", name));
    const link = join(folder, "usr/bin", name);
    if (existsSync(join(folder, chosen)) && !existsSync(link)) symlinkSync(chosen, link);
  }
}

const UNREAD = /^\/usr\/share\/(?:doc|man|locale|lintian|bug|info)\b|^\/\.$|\/(?:test|tests|testdata)\//;

/** What each installed package depends on: one list of alternatives for each dependency. */
function readInstalled(): Map<string, string[][]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own
  const format = "--showformat=${Package}\t${db:Status-Status}\t${Provides}\t${Pre-Depends}, ${Depends}\n";
  const { stdout } = spawnSync(DPKG_QUERY, ["--show", format], { encoding: "utf8" });
  const installed = new Map<string, string[][]>();
  for (const line of (stdout ?? "").split("\n")) {
    const [name = "", status, provides = "", depends = ""] = line.split("\t");
    if (status !== "installed") continue;
    installed.set(name, readRelations(depends));
    for (const [virtual = ""] of readRelations(provides)) {
      if (!installed.has(virtual)) installed.set(virtual, [[name]]);
    }
  }
  return installed;
}

/** `a (>= 1), b:any | c` without versions and architectures. */
function readRelations(text: string): string[][] {
  return text
    .split(",")
    .map((one) => one.split("|").map((name) => name.replace(/\(.*?\)|:\w+/g, "").trim()))
    .filter(([first]) => first !== "");
}

function closureOf(names: readonly string[], installed: ReadonlyMap<string, string[][]>): string[] {
  const found = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const alternatives of installed.get(name) ?? []) {
      const chosen = alternatives.find((one) => installed.has(one));
      if (chosen !== undefined) open.push(chosen);
    }
  }
  // Names that others only provide have no files of their own.
  return [...found].filter((name) => spawnSync(DPKG_QUERY, ["--status", name]).status === 0);
}

function run(program: string, args: readonly string[], input = ""): string {
  const done = spawnSync(program, args, { encoding: "utf8", input, maxBuffer: 256 * 1024 * 1024 });
  if (done.status !== 0) throw new Error(`${program} ended with ${done.status}: ${done.stderr}`);
  return done.stdout;
}

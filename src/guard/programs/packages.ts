import type { Call, Judge, Rules } from "../call.ts";
import { showMarkers } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { always, asksForHelp, byName, each, guarded, onlyAsksAbout, subcommands, wrapper } from "../rules.ts";
import { opaque, type Verdict, worst } from "../verdict.ts";
import { development } from "./development.ts";

const registry = (name: string, sub: string) =>
  opaque(
    `"${name} ${sub}" talks to a package registry or runs scripts of packages, and no person allowed it in vibeops.yaml.`,
    sub,
  );

const npm: Judge = (call) => {
  const [first = ""] = call.args;
  if (first === "run" && call.args.length === 1) return null;
  if (installsAlone(call)) return registry("yarn", "install");
  if (/^(exec|x|dlx)$/.test(first)) return packageRunner({ ...call, args: call.args.slice(1) });
  if (first === "config" || first === "c") return judgeConfiguration(call);
  const own = otherManagers[call.name]?.(call);
  if (own !== undefined) return own;
  if (makesPackage(call)) return call.world.judgeWrite("package.json");
  if (first === "pkg")
    return call.args[1] === "get" ? null : opaque('"npm pkg" with a change rewrites package.json.', "pkg");
  // yarn and pnpm run a tool of the project by its name alone.
  if (call.name !== "npm" && /^(tsc|vitest|jest|eslint|prettier|biome)$/.test(first))
    return call.world.judgeWords(call.args, call.stdin);
  return asksHelpOfNpm(call) ? null : npmCommands(call);
};

const bundles = guarded({ values: "--target --format --external", writes: "--outdir --outfile" });

/** What they have beside what npm has; undefined for the rest. */
const otherManagers: Readonly<Record<string, (call: Call) => Verdict | null | undefined>> = {
  pnpm: (call) => {
    if (call.args.join(" ") === "store path") return null;
    const args = withoutFilters(call.args);
    return args === call.args ? undefined : npm({ ...call, args });
  },
  yarn: ({ args }) => (/^workspaces list( --json)?$/.test(args.join(" ")) ? null : undefined),
  bun: (call) => {
    if (call.args[0] === "build") return bundles({ ...call, args: call.args.slice(1) });
    return call.args[0] === "test" || /^pm (ls|bin|cache)( --all)?$/.test(call.args.join(" "))
      ? null
      : undefined;
  },
};

/** `pnpm -r exec`, `pnpm --filter web exec`: the same in other folders of the project. */
function withoutFilters(args: readonly string[]): readonly string[] {
  const at = args.findIndex(
    (arg, index) =>
      !/^(-r|--recursive|-w|--filter(=.*)?|-F)$/.test(arg) && !/^(--filter|-F)$/.test(args[index - 1] ?? ""),
  );
  return at > 0 && args[at] === "exec" ? args.slice(at) : args;
}

/** The others would hand it on to a script of that name. */
function asksHelpOfNpm({ name, args }: Call): boolean {
  return name === "npm" && asksForHelp(args);
}

/** `yarn`, with options or without, fetches what the project needs. */
function installsAlone({ name, args }: Call): boolean {
  return name === "yarn" && args.every((arg) => arg.startsWith("-")) && !onlyAsksAbout(args);
}

/** `npm init -y`, without the name of a package that would be run. */
function makesPackage({ name, args }: Call): boolean {
  return name === "npm" && args[0] === "init" && args.slice(1).every((arg) => /^(-y|--yes)$/.test(arg));
}

const npmCommands = subcommands({
  local:
    "ls list ll la root prefix bin help help-search explain why query fund completion -v --version version-check sbom licenses get",
  otherwise: registry,
});

function judgeConfiguration(call: Call) {
  return /^(get|list|ls)$/.test(call.args[1] ?? "") ? null : registry(call.name, "config");
}

/** A tool of the project runs from node_modules; `--yes` and `--package` fetch another. */
const packageRunner: Judge = (call) => {
  const syntax = {
    values: "-p -c --package --call -w --workspace",
    flags: "-y -q --yes --no --no-install --quiet --bun",
    stopAtOperand: true,
  };
  const { flags, operands } = parseOptions(call.args, syntax);
  const fetching = flags.find(
    ({ name }) => !/^(--no|--no-install|-q|--quiet|-w|--workspace|--version|--help)$/.test(name),
  );
  const script = flags.find(({ name }) => name === "-c" || name === "--call")?.value;
  const words = operands[0] === "--" ? operands.slice(1) : operands;
  const [first = "", ...args] = words;
  const inner = script === undefined ? null : call.world.judgeScript(script, call.stdin);
  const gate = fetching
    ? opaque(`"${call.name} ${fetching.name}" fetches a package and runs it.`, fetching.name)
    : null;
  if (first === "") return worst(gate, inner);
  const isVersioned = /.@/.test(first);
  const name = isVersioned ? first.replace(/(.)@.*$/, "$1") : first;
  const versioned = isVersioned
    ? opaque(`"${showMarkers(first)}" may be fetched from a registry.`, first)
    : null;
  return worst(gate, versioned, inner, judgeTool(call, name, args));
};

const developmentTools = byName(development);

/** What no project has among its tools would be fetched, under a name that anybody may have taken. */
function judgeTool(call: Call, name: string, args: readonly string[]): Verdict | null {
  const isTool = developmentTools.get(name) !== undefined || projectTools.test(name);
  const gate = isTool
    ? null
    : opaque(`"${call.name} ${showMarkers(name)}" may fetch a package and run it.`, name);
  return worst(gate, call.world.judgeWords([name, ...args], call.stdin));
}

const projectTools =
  /^(vibeops|cross-env|dotenv|env-cmd|concurrently|npm-run-all|run-s|run-p|c8|nyc|tsx|ts-node|prisma|drizzle-kit|nodemon)$/;

const pip: Judge = subcommands({
  local: "list show freeze check help --version debug inspect",
  otherwise: registry,
});

/** Tools that manage what is installed: asking is local. */
const systemPackages: Judge = (call) => {
  const asks =
    /^(list|show|search|policy|info|--version|-Q\w*|-S[si]\w*|--installed|depends|rdepends|madison|showsrc|leaves|deps|config|query|repolist|-qa?|provides)$/;
  const isFar = /^(brew|snap|flatpak)$/.test(call.name) && call.args[0] === "search";
  const isReading = !isFar && asks.test(call.args.find((arg) => !/^(-q|-y|--quiet)$/.test(arg)) ?? "");
  return isReading || onlyAsksAbout(call.args)
    ? null
    : opaque(`"${call.name}" changes what is installed on this machine.`, call.name);
};

export const packages: Rules = {
  ...each("npm pnpm yarn bun", npm),
  ...each("npx pnpx bunx yarnpkg-exec", packageRunner),
  ...each("pip pip2 pip3 pipx", pip),
  uv: subcommands({
    local: "tree version --version help",
    judged: {
      pip,
      venv: guarded({ values: "-p --python --prompt", operands: "all" }),
      run: wrapper({
        flags:
          "--frozen --locked --no-sync --offline --no-project --isolated --all-extras --no-dev --dev -q --quiet",
        values: "--extra --group --package",
      }),
      python: subcommands({ local: "list find dir", otherwise: registry }),
    },
    otherwise: registry,
  }),
  ...each("uvx", packageRunner),
  ...each("gem composer conda mamba cpan luarocks opam nuget corepack bower jspm", (call) =>
    /^(list|ls|show|info|env|environment|--version|-v|validate|outdated-local|fmt|lint|check)$/.test(
      call.args[0] ?? "",
    )
      ? null
      : registry(call.name, call.args[0] ?? ""),
  ),
  ...each("apt apt-cache brew pacman yum dnf zypper apk snap flatpak port emerge xbps-query", systemPackages),
  ...each(
    "apt-get aptitude apt-key add-apt-repository dpkg-reconfigure update-alternatives xbps-install nix-env nix-shell nix-build nixos-rebuild",
    always("opaque", "changes what is installed on this machine"),
  ),
  ...each(
    "npm-publish twine goreleaser semantic-release release-it changeset np vsce ovsx",
    always("opaque", "may publish packages"),
  ),
};

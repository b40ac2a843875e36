import type { Judge, Rules } from "../call.ts";
import type { GuardFacts } from "../facts.ts";
import { hostOfUrl, judgeHost, namesKnownHost } from "../hosts.ts";
import { showMarkers } from "../markers.ts";
import { always, each, guarded, onlyAsksAbout, subcommands } from "../rules.ts";
import { opaque, worst } from "../verdict.ts";

const unproven = (name: string, sub: string) =>
  opaque(`"${name} ${sub}" is not known to stay on this machine.`, sub);

/** They read, check or build the project's own code, which the project's tests run anyway. */
const checkers = `
  tsc tsgo vue-tsc eslint oxlint oxfmt biome prettier stylelint standard xo dprint knip depcruise madge jscpd cspell markdownlint markdownlint-cli2
  remark textlint commitlint lint-staged htmlhint publint attw size-limit tsd
  karma cypress
  rollup rolldown esbuild swc webpack parcel tsup unbuild ncc babel terser sass postcss tailwindcss lessc svgo typedoc jsdoc api-extractor
  tox nox mypy pyright pyre ruff black isort flake8 pylint pycodestyle pydocstyle bandit vulture coverage autopep8 yapf
  shellcheck shfmt hadolint yamllint actionlint dotenv-linter editorconfig-checker checkmake taplo tflint kubeconform kubeval kube-linter kube-score
  conftest opa promtool ansible-lint nixfmt alejandra statix rufo rubocop standardrb reek rspec phpstan psalm php-cs-fixer phpcs
  gofmt goimports golangci-lint staticcheck gosec golint govulncheck rustfmt clang-format clang-tidy cppcheck cpplint gcc g++ clang clang++ cc c++ ld as
  javac ktlint detekt checkstyle scalafmt stack-lint hlint ormolu buf protoc protolint sqlfluff djlint
  git-cliff gitleaks detect-secrets trivy-config cloc hugo mkdocs sphinx-build mdbook jekyll asciidoctor plantuml mmdc dot
  ctags universal-ctags cmake-format ninja meson-format secretlint license-checker depcheck type-coverage caddy-fmt`;

const options = guarded({ stops: "-wrapper -fplugin", singleDash: true });
const verbs =
  /^(deploy|gh-deploy|push|publish|login|logout|upload|release|registry|install|auth|query|sync|remote|submit)$/;

/** A verb, an address or a host takes them out of the project. */
const checks: Judge = (call) => {
  const { args, name, world } = call;
  const verb = verbs.test(args[0] ?? "") ? args[0] : undefined;
  const address = args.find(
    (arg) => namesKnownHost(arg, world.facts) || (/:\/\//.test(arg) && isFar(arg, world.facts)),
  );
  const word = verb ?? address;
  if (word === undefined) return options(call);
  return opaque(`"${name}" with "${showMarkers(word)}" may reach another machine.`, word);
};

function isFar(address: string, facts: GuardFacts): boolean {
  const host = hostOfUrl(address.slice(address.search(/[a-z]+:\/\//i)));
  return host === null || !["loopback", "local"].includes(judgeHost(host, facts));
}

/** They run any file that they are given, so it has to look like a test. */
const testRunner: Judge = (call) => {
  const file = call.args.find(
    (arg) =>
      /\.(js|cjs|mjs|ts|sh|bats|py)$/.test(arg) && !/test|spec|conf/i.test(arg) && !arg.startsWith("-"),
  );
  return worst(
    checks(call),
    file === undefined
      ? null
      : opaque(`"${call.name} ${showMarkers(file)}" runs a file that is no test.`, file),
  );
};

const go: Judge = subcommands({
  local: "version env list fmt doc help",
  global: { singleDash: true, values: "-C" },
  judged: each(
    "build test vet install",
    guarded({
      singleDash: true,
      values:
        "-o -run -bench -count -timeout -tags -ldflags -coverprofile -covermode -p -parallel -cpu -C -mod",
      stops: "-exec --exec -toolexec --toolexec -vettool --vettool -overlay",
    }),
  ),
  otherwise: unproven,
});

const cargo: Judge = subcommands({
  local:
    "build check test clippy fmt doc bench clean tree metadata version help nextest locate-project pkgid verify-project",
  global: { values: "--color -C", stops: "--config -Z" },
  otherwise: unproven,
});

const make: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const target = call.args.find((arg) => !arg.startsWith("-")) ?? "";
  return opaque(`"${call.name} ${target}" is no command that the project allows in vibeops.yaml.`, call.name);
};

const goals: Judge = ({ name, args }) => {
  const known =
    /^(test|verify|compile|package|clean|build|check|assemble|dependencies|tasks|projects|help|validate|test-compile|integration-test|spotlessCheck|lint)$/;
  const flags =
    /^(-q|-B|-o|-e|-U|-X|--offline|--quiet|--info|--stacktrace|--no-daemon|--version|-version|-v|--help|-DskipTests(=\w+)?|-Dtest=[\w.#*]+)$/;
  return args.every((arg) => known.test(arg) || flags.test(arg))
    ? null
    : opaque(`"${name}" is given a goal that the guard does not know.`, name);
};

/** Listens on this machine; a host name given to it decides where. */
const server: Judge = ({ name, args, world }) => {
  const at = args.findIndex((arg) => /^--(host|hostname|bind|address)(=|$)/.test(arg));
  const value = at < 0 ? undefined : (args[at]?.split("=")[1] ?? args[at + 1]);
  const isPublic =
    value !== undefined &&
    !value.startsWith("-") &&
    !["loopback", "local"].includes(judgeHost(value, world.facts));
  return isPublic ? opaque(`"${name}" would listen for other machines.`, name) : null;
};

const lists = /^(--list|-l|--summary|-T|--tasks|--version|--help|list|--dry-run-list|--evaluate|--list-all)$/;
const runner: Judge = ({ name, args }) =>
  args.length === 1 && lists.test(args[0] ?? "")
    ? null
    : opaque(`"${name}" runs a task whose text the guard does not read.`, name);

export const development: Rules = {
  ...each(checkers, checks),
  ...each("vitest jest mocha ava tap jasmine pytest py.test phpunit bats", testRunner),
  ...each("vite astro next nuxt svelte-kit storybook gatsby eleventy http-server live-server serve", server),
  playwright: subcommands({ local: "test show-report codegen", otherwise: unproven }),
  go,
  cargo,
  deno: subcommands({ local: "test fmt lint check doc info types --version help", otherwise: unproven }),
  ...each(
    "swift dart flutter",
    subcommands({ local: "test build analyze format --version", otherwise: unproven }),
  ),
  meson: subcommands({ local: "setup compile test introspect", otherwise: unproven }),
  ...each("make gmake", make),
  cmake: guarded({ stops: "-P -E --workflow" }),
  ctest: guarded({ stops: "-S --script --build-run-dir -D" }),
  ...each("mvn mvnw gradle gradlew sbt ant", goals),
  ...each(
    "rake just task invoke inv grunt gulp thor doit mage earthly bazel buck2 pants nx turbo lerna moon wireit act dagger",
    runner,
  ),
  dotnet: subcommands({ local: "build test clean format --info --version --list-sdks", otherwise: unproven }),
  mix: subcommands({ local: "test compile format credo", otherwise: unproven }),
  rustc: guarded({ stops: "-C --codegen" }),
  rustup: subcommands({ local: "show which", otherwise: unproven }),
  nix: subcommands({ local: "fmt eval hash", otherwise: unproven }),
  "pre-commit": subcommands({ local: "run validate-config", otherwise: unproven }),
  husky: always("opaque", "installs hooks"),
};

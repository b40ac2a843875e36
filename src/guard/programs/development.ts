import type { Judge, Rules } from "../call.ts";
import { hostOfUrl, judgeHost } from "../hosts.ts";
import { parseOptions } from "../options.ts";
import { always, each, guarded, onlyAsksAbout, subcommands } from "../rules.ts";
import { opaque } from "../verdict.ts";
import { checks, staysHere, testRunner, unproven } from "./checks.ts";
import { compilers } from "./compilers.ts";
import { goals } from "./goals.ts";

/** They read, check or build the project's own code, which the project's tests run anyway. */
const checkers = `
  tsc tsgo vue-tsc eslint oxlint oxfmt biome prettier stylelint standard xo dprint knip depcruise madge jscpd cspell markdownlint markdownlint-cli2
  remark textlint commitlint lint-staged htmlhint publint attw size-limit tsd
  karma cypress
  rollup rolldown esbuild swc webpack parcel tsup unbuild ncc babel terser sass postcss tailwindcss lessc svgo typedoc jsdoc api-extractor
  mypy pyright pyre ruff black isort flake8 pylint pycodestyle pydocstyle pyflakes bandit vulture autopep8 yapf
  shellcheck shfmt hadolint yamllint actionlint dotenv-linter editorconfig-checker checkmake taplo kubeconform kubeval kube-linter kube-score
  ansible-lint nixfmt alejandra statix rufo rubocop standardrb reek rspec haml-lint erblint slim-lint ts-prune rector phpstan psalm php-cs-fixer phpcs
  gofmt gofumpt goimports staticcheck gosec golint govulncheck rustfmt clang-format clang-tidy cppcheck cpplint
  ktlint detekt swiftlint swiftformat luacheck stylua clj-kondo brakeman srb pint checkstyle scalafmt stack-lint hlint ormolu protoc protolint sqlfluff djlint
  git-cliff gitleaks detect-secrets trivy-config cloc sphinx-build asciidoctor plantuml mmdc dot
  ctags universal-ctags cmake-format meson-format secretlint license-checker depcheck type-coverage jsonlint ajv tfsec caddy-fmt svelte-check phpmd
  codespell typos cfn-lint dockerfilelint`;

const verbs =
  /^(deploy|gh-deploy|push|publish|login|logout|upload|release|registry|install|auth|query|sync|remote|submit)$/;

/** How those call it that have a letter for it. */
const shortPlace: Readonly<Record<string, string>> = {
  "http-server": "-a",
  serve: "-l",
  next: "-H",
  gatsby: "-H",
};

/** Listens on this machine; a host name given to it decides where. */
const server: Judge = ({ name, args, world }) => {
  const short = shortPlace[name.split(" ")[0] ?? ""];
  const at = args.findIndex(
    (arg) => /^--(host|hostname|bind|address|listen)(=|$)/.test(arg) || arg === short,
  );
  const value = at < 0 ? undefined : (args[at]?.split("=")[1] ?? args[at + 1]);
  const host = value === undefined || /^\d+$/.test(value) ? null : (hostOfUrl(value) ?? value);
  const isPublic =
    host !== null && !host.startsWith("-") && !["loopback", "local"].includes(judgeHost(host, world.facts));
  return isPublic ? opaque(`"${name}" would listen for other machines.`, name) : null;
};

/** Steps that a build names itself run whatever it says. */
function namedSteps(known: RegExp): Judge {
  return ({ name, args }) => {
    const end = args.indexOf("--");
    const step = args.slice(0, end < 0 ? args.length : end).find((arg, index) => {
      const isValue = /^--(summary|prefix|color|seed|cache-dir|profile|display)$/.test(args[index - 1] ?? "");
      return !arg.startsWith("-") && !isValue && !known.test(arg);
    });
    return step === undefined ? null : unproven(name, step);
  };
}

/** `coverage run -m pytest` runs what python would. */
const coverage: Judge = (call) => {
  const syntax = {
    values: "--source --omit --include --rcfile --data-file --context -a",
    flags: "--branch --append -p -a",
    stopAtOperand: true,
  };
  if (call.args[0] !== "run") return coverageReports(call);
  const at = call.args.indexOf("-m");
  const words = at < 0 ? parseOptions(call.args.slice(1), syntax).operands : call.args.slice(at);
  return call.world.judgeWords(["python3", ...words], call.stdin);
};

const coverageReports = subcommands({
  local: "combine debug erase help",
  judged: each("report html xml json lcov annotate", checks),
  otherwise: unproven,
});

/** Tools with verbs of their own, each of them local or not. */
const verbTools: Rules = {
  opa: subcommands({ local: "check fmt test parse version inspect deps build", otherwise: unproven }),
  conftest: subcommands({ local: "test verify parse fmt", otherwise: unproven }),
  promtool: subcommands({ local: "check test", otherwise: unproven }),
  buf: subcommands({
    local: "lint build format breaking",
    global: { values: "--log-format --timeout" },
    otherwise: unproven,
  }),
  mkdocs: subcommands({ local: "build", judged: { serve: server }, otherwise: unproven }),
  mdbook: subcommands({ local: "build test clean", judged: { serve: server }, otherwise: unproven }),
  jekyll: subcommands({ local: "build clean doctor", judged: { serve: server }, otherwise: unproven }),
  hugo: subcommands({
    local: "build list version env config check",
    judged: { ...each("server serve", server), new: checks },
    global: {
      values:
        "-s --source -d --destination -b --baseURL -e --environment --config -t --theme -c --contentDir",
    },
    otherwise: unproven,
  }),
  "golangci-lint": subcommands({
    local: "run fmt linters formatters help version config cache",
    otherwise: unproven,
  }),
  sqlc: subcommands({ local: "generate compile diff version help", otherwise: unproven }),
  zig: subcommands({
    local: "test fmt version env targets ast-check",
    judged: { build: namedSteps(/^(test|install|uninstall|check)$/) },
    otherwise: unproven,
  }),
  dune: subcommands({
    local: "test runtest fmt clean describe",
    judged: { build: namedSteps(/^(@?(check|fmt|all|default|runtest|doc|install)|[^@]+)$/) },
    otherwise: unproven,
  }),
  ...each(
    "stack cabal",
    subcommands({
      local: "path list-bin clean --version",
      judged: each(
        "build test bench haddock check",
        guarded({ stops: "--exec --with-compiler --with-hc-pkg --with-gcc --ghc-options -w" }),
      ),
      otherwise: unproven,
    }),
  ),
  coverage,
  ng: subcommands({ judged: each("build test lint", checks), local: "version", otherwise: unproven }),
  steep: subcommands({ local: "check stats", otherwise: unproven }),
  ...each("lein", subcommands({ local: "test check classpath version help", otherwise: unproven })),
  ...each("rebar3", subcommands({ local: "compile eunit ct dialyzer xref fmt clean", otherwise: unproven })),
  ...each("nim", subcommands({ judged: { check: checks }, otherwise: unproven })),
  trivy: subcommands({ local: "config version help", otherwise: unproven }),
  virtualenv: guarded({ values: "-p --python", operands: "all" }),
  ...each(
    "pdflatex xelatex pdftex xetex bibtex biber makeindex",
    guarded({
      singleDash: true,
      values: "-output-directory -jobname -interaction -fmt",
      stops: "-shell-escape --shell-escape -enable-write18 --enable-write18 -progname -ipc",
    }),
  ),
  tflint: guarded({ stops: "--init --langserver" }),
  vale: (call) => (call.args.includes("sync") ? unproven("vale", "sync") : checks(call)),
};

const goBuilds = guarded({
  singleDash: true,
  writes: "-o",
  values: "-run -bench -count -timeout -tags -ldflags -coverprofile -covermode -p -parallel -cpu -C -mod",
  stops: "-exec --exec -toolexec --toolexec -vettool --vettool -overlay",
});

/** It changes files, but with this option it only says what it would do. */
const shows =
  (option: string): Judge =>
  ({ name, args }) =>
    args.length === 1 && args[0] === option ? null : opaque(`"${name}" changes what is fetched.`, name);

/** `name@version` is fetched, whatever the project needs. */
const goInstalls: Judge = (call) => {
  const fetched = call.args.find((arg) => /^[^-].*@/.test(arg));
  return fetched === undefined ? goBuilds(call) : unproven("go install", fetched);
};

/** Which versions there are stands at the proxy. */
const goLists: Judge = ({ args }) => {
  const asks = args.find((arg) => /^--?(u|versions|retracted)$|^[^-].*@/.test(arg));
  return asks === undefined ? null : unproven("go list", asks);
};

const go: Judge = subcommands({
  local: "version fmt doc help",
  global: { singleDash: true, values: "-C" },
  judged: {
    list: goLists,
    ...each("build test vet", goBuilds),
    install: goInstalls,
    // What it writes decides what each later build runs.
    env: guarded({ singleDash: true, stops: "-w -u", stopsReason: "changes every later build" }),
    mod: subcommands({
      helps: true,
      local: "graph verify why init",
      judged: { tidy: shows("-diff"), edit: shows("-json") },
      otherwise: unproven,
    }),
    tool: subcommands({ local: "cover nm objdump buildid addr2line", otherwise: unproven }),
    work: ({ args }) => (/^(use|init|edit)$/.test(args[0] ?? "") ? null : unproven("go work", args[0] ?? "")),
  },
  otherwise: unproven,
});

/** Sessions have names: one that is called after a release does what a release does. */
const sessions: Judge = (call) => {
  const named = call.args.flatMap((arg) => arg.replace(/^(--?\w+)=/, "").split(","));
  const verb = named.find((name) => verbs.test(name));
  return verb === undefined
    ? checks(call)
    : opaque(`"${call.name}" with "${verb}" may reach another machine.`, verb);
};

const cargoOptions = { values: "--color -C", writes: "--target-dir", stops: "--config -Z" };
const cargo: Judge = subcommands({
  local: "fmt clean version help locate-project pkgid verify-project machete",
  judged: {
    ...each("build check test clippy doc bench tree metadata nextest udeps expand", guarded(cargoOptions)),
    ...each(
      "new init",
      guarded({ ...cargoOptions, values: "--color --name --edition --vcs", operands: "all" }),
    ),
  },
  global: cargoOptions,
  helps: true,
  otherwise: unproven,
});

const make: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const target = call.args.find((arg) => !arg.startsWith("-")) ?? "";
  return opaque(`"${call.name} ${target}" is no command that the project allows in vibeops.yaml.`, call.name);
};

/** `/t:Publish` is another command than the one that it stands behind. */
const dotnetBuilds: Judge = ({ args }) => {
  const target = args.find((arg) => /^(-t|--?target|\/t|\/target):/i.test(arg));
  return target === undefined ? null : unproven("dotnet build", target);
};

const lists =
  /^(--list|-l|--summary|-T|--tasks|--version|--help|list|--dry-run-list|--evaluate|--list-all|version)$/;
const runner: Judge = ({ name, args }) =>
  args.length === 1 && lists.test(args[0] ?? "")
    ? null
    : opaque(`"${name}" runs a task whose text the guard does not read.`, name);

export const development: Rules = staysHere({
  ...each(checkers, checks),
  ...each("tox nox", sessions),
  ...each("vitest jest mocha ava tap jasmine pytest py.test phpunit pest bats", testRunner),
  ...each("vite astro next nuxt svelte-kit storybook gatsby eleventy http-server live-server serve", server),
  playwright: subcommands({
    judged: { test: testRunner, ...each("show-report codegen", checks) },
    otherwise: unproven,
  }),
  go,
  cargo,
  deno: subcommands({ local: "test fmt lint check doc info types --version help", otherwise: unproven }),
  ...each(
    "swift dart flutter",
    subcommands({ local: "test build analyze format --version", otherwise: unproven }),
  ),
  ...each("make gmake", make),
  ...verbTools,
  ...compilers,
  ...each("mvn mvnw gradle gradlew sbt ant", goals),
  ...each(
    "rake just task invoke inv grunt gulp thor doit mage earthly buck2 pants nx turbo lerna moon wireit act dagger",
    runner,
  ),
  ...each(
    "bazel bazelisk",
    subcommands({
      local: "info version help query cquery aquery clean shutdown",
      judged: each(
        "build test coverage",
        guarded({ stops: "--run_under --script_path --remote_executor --remote_cache --bes_backend" }),
      ),
      global: { stops: "--bazelrc --server_javabase --host_jvm_args" },
      otherwise: unproven,
    }),
  ),
  dotnet: subcommands({
    judged: {
      build: dotnetBuilds,
      ...each("sln new", ({ name, args }) => (args.at(-1) === "list" ? null : unproven(name, args[0] ?? ""))),
    },
    local: "test clean format --info --version --list-sdks --list-runtimes",
    otherwise: unproven,
  }),
  mix: subcommands({ local: "test compile format credo dialyzer xref deps.tree", otherwise: unproven }),
  rustup: subcommands({ local: "show which", otherwise: unproven }),
  nix: subcommands({ local: "fmt eval hash", otherwise: unproven }),
  "pre-commit": subcommands({ local: "run validate-config", otherwise: unproven }),
  husky: always("opaque", "installs hooks"),
  nvm: subcommands({ local: "current ls list version", otherwise: unproven }),
});

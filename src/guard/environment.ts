import type { World } from "./call.ts";
import { hostOfUrl, judgeHost } from "./hosts.ts";
import { hasMarker, UNKNOWN } from "./markers.ts";
import { sendsToKnownHost } from "./places.ts";
import { live, opaque, type Verdict, worst } from "./verdict.ts";

/** What a variable can do to the programs that read it, by family of names. */
interface Family {
  names: RegExp;
  /** `command`: its text is run. `host`: names the machine that is talked to. `steer`: changes what runs, or where settings are read. */
  effect: "command" | "host" | "steer";
  /** Values that do no such thing. */
  harmless?: RegExp;
}

const quiet = /^(|cat|less( -\w+)*|more|true|false|:|vi|vim|nano|emacs|code --wait|ed)$/;
const number = /^\d*$/;

const families: readonly Family[] = [
  {
    names:
      /^(GIT_AUTHOR_|GIT_COMMITTER_)(NAME|EMAIL|DATE)$|^GIT_(TERMINAL_PROMPT|OPTIONAL_LOCKS|TRACE\w*|MERGE_AUTOEDIT)$/,
    effect: "steer",
    harmless: /^/,
  },
  {
    names:
      /^(GIT_(SSH(_COMMAND)?|PAGER|EDITOR|SEQUENCE_EDITOR|ASKPASS|EXTERNAL_DIFF|PROXY_COMMAND)|\w*PAGER|EDITOR|VISUAL|BROWSER|FCEDIT|SSH_ASKPASS|SUDO_ASKPASS)$/,
    effect: "command",
    harmless: quiet,
  },
  {
    names:
      /^(PROMPT_COMMAND|PS[0-4]|LESSOPEN|LESSCLOSE|RSYNC_RSH|CVS_RSH|SVN_SSH|RSH|TAR_OPTIONS|FZF_\w+|RUSTC(_\w*)?WRAPPER|CARGO_\w*RUNNER|CC|CXX|LD|AR|MAKE|npm_config_script_shell|ANSIBLE_SSH_\w+|BASH_FUNC_.*|command_not_found_handle)$/,
    effect: "command",
    harmless: /^(|gcc|g\+\+|clang|clang\+\+|cc|c\+\+|gmake|make|[\\\w$ @:>#~[\]+-]*[$>#+] ?)$/,
  },
  {
    names:
      /^(DOCKER_HOST|CONTAINER_HOST|PGHOST|PGHOSTADDR|MYSQL_HOST|REDISCLI_HOST|MONGO\w*URL|CONSUL_HTTP_ADDR|VAULT_ADDR|NOMAD_ADDR|ETCDCTL_ENDPOINTS|BUILDKIT_HOST|ARGOCD_SERVER|KAFKA_\w+|DATABASE_URL|RSYNC_PROXY|RSYNC_CONNECT_PROG|\w*_proxy|\w*_PROXY)$/,
    effect: "host",
    harmless: /^(|unix:\/\/.*|\/[\w./-]*)$/,
  },
  {
    names:
      /^(DOCKER_CONTEXT|DOCKER_CONFIG|DOCKER_TLS\w*|DOCKER_CERT_PATH|COMPOSE_FILE|KUBECONFIG|KUBE_\w+|HELM_\w+|PGSERVICE\w*|PGSYSCONFDIR|PGPASSFILE|PSQLRC|SQLITE_HISTORY|MYSQL_HOME|ANSIBLE_\w+|TF_\w+|AWS_\w+|AZURE_\w+|GOOGLE_\w+|CLOUDSDK_\w+|HCLOUD_\w+)$/,
    effect: "steer",
    harmless: /^(|default|desktop-linux|1|0|true|false)$/,
  },
  // A file that an interactive sh reads first; as a rule the name of a deployment.
  {
    names: /^ENV$/,
    effect: "steer",
    harmless: /^(|prod(uction)?|stag(e|ing)|dev(elopment)?|test(ing)?|local|ci|qa)$/,
  },
  {
    names: /^NODE_OPTIONS$/,
    effect: "steer",
    harmless:
      /^(--(max-old-space-size|stack-trace-limit|unhandled-rejections)=[\w-]+|--(enable-source-maps|no-warnings|trace-warnings|experimental-vm-modules|experimental-strip-types)|\s)*$/,
  },
  {
    names: /^(PATH)$/,
    effect: "steer",
    harmless:
      /^((\/usr(\/local)?)?\/s?bin|(\.\/)?node_modules\/\.bin|~?\.?\/?node_modules\/\.bin|\$PATH|\uE000|:)*$/,
  },
  {
    names:
      /^(CLASSPATH|PYTHONPATH|PYTHONUNBUFFERED|PYTHONDONTWRITEBYTECODE|PYTHONHASHSEED|PYTHONIOENCODING|PYTHONWARNINGS)$/,
    effect: "steer",
    harmless: /^(?!\/|~|.*\.\.)[\w./:-]*$/,
  },
  {
    names: /^(GOOS|GOARCH|GOFLAGS|CGO_ENABLED|GOCACHE|GOMAXPROCS|GOTEST\w*)$/,
    effect: "steer",
    harmless: /^(?!.*(exec|toolexec|overlay))[\w ./=-]*$/,
  },
  {
    names: /^(CGO_)?(C|CXX|CPP|LD|F|FC)FLAGS$/,
    effect: "steer",
    harmless: /^(?!.*(-fplugin|-wrapper|-B|specs|-Xclang|-load|-fuse-ld=[./]|--ld-path))[\w\s./=:,+-]*$/,
  },
  {
    names: /^PYTEST_(ADDOPTS|PLUGINS)$/,
    effect: "steer",
    harmless: /^(-[qvsxl]+|--(tb|color|maxfail|durations|verbosity)=\w+|\s)*$/,
  },
  {
    names: /^RUSTFLAGS$/,
    effect: "steer",
    harmless:
      /^(-[DAWF] ?[\w:-]+|-C ?(target-cpu|target-feature|debuginfo|opt-level|debug-assertions|instrument-coverage)(=[\w+,-]+)?|--cfg[ =][\w="]+|\s)*$/,
  },
  { names: /^(MAKEFLAGS|MFLAGS)$/, effect: "steer", harmless: /^-?j ?\d*$/ },
  {
    names: /^(CARGO_TERM_\w+|CARGO_INCREMENTAL|CARGO_TARGET_DIR|RUST_BACKTRACE|RUST_LOG)$/,
    effect: "steer",
    harmless: /^[\w./:=,-]*$/,
  },
  { names: /^(LESS|MORE|GREP_COLORS?|LS_COLORS)$/, effect: "steer", harmless: /^[\w\s=:;.-]*$/ },
  { names: /^(COLUMNS|LINES)$/, effect: "steer", harmless: number },
  {
    names: /^npm_config_(loglevel|color|progress|fund|audit|yes|update_notifier|cache)$/,
    effect: "steer",
    harmless: /^[\w./-]*$/,
  },
  {
    names:
      /^(LD_\w+|DYLD_\w+|CDPATH|BASH_ENV|ZDOTDIR|SHELLOPTS|BASHOPTS|SHELL|HOME|XDG_(CONFIG|DATA)\w*|GIT_\w+|SSH_(AUTH_SOCK|ASKPASS\w*|SK_\w+|PKCS11_\w+)|DENO_\w+|PERL5?\w*(LIB|OPT)|RUBY(OPT|LIB)|PYTHON\w*|NODE_(PATH|EXTRA_CA_CERTS)|NODE_REPL_\w+|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|MAVEN_\w+|GRADLE_\w+|CURL_HOME|WGETRC|RIPGREP_CONFIG_PATH|GREP_OPTIONS|MAKEFILES|GCC_EXEC_PREFIX|COMPILER_PATH|RUSTC|RUSTFLAGS|CARGO_\w+|GO\w*FLAGS|GOPROXY|GOROOT|npm_config_\w+|NPM_CONFIG_\w+|GCONV_PATH|GLIBC_TUNABLES|MALLOC_\w+|OPENSSL_\w+|TERMINFO\w*|LOCPATH|NLSPATH|MANPATH|INPUTRC|EXINIT|VIMINIT|MYVIMRC|AWKPATH|AWKLIBPATH|LUA_\w+|PHPRC|PHP_INI_SCAN_DIR|ERL_\w+|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN|POSIXLY_CORRECT_CMD|VIBEOPS_\w+)$/,
    effect: "steer",
    harmless: /^$/,
  },
];

/** A variable that a program is started with: besides, any of them may tell it to talk to one of our hosts. */
export function judgeGiven(name: string, value: string, world: World): Verdict | null {
  const sends = sendsToKnownHost(name, value, world.facts)
    ? live(`${name} sends what reads it to "${value}", a host of the inventory.`, `${name}=`)
    : null;
  return worst(judgeEnvironment(name, value, world), sends);
}

/** What an assignment to an environment variable does to the commands that see it; null when nothing that counts. */
export function judgeEnvironment(name: string, value: string, world: World): Verdict | null {
  // Old shells run what follows a function in a variable.
  if (/^\(\)\s*\{/.test(value)) return opaque(`${name} holds a function.`, `${name}=`);
  const family = families.find(({ names }) => names.test(name));
  if (family === undefined || family.harmless?.test(value)) return null;
  const word = `${name}=`;
  if (family.effect === "command") {
    const inner = hasMarker(value) ? null : world.judgeScript(value, { kind: "none" });
    return worst(opaque(`${name} names a program that others will run.`, word), inner);
  }
  if (family.effect === "host") return judgeHostVariable(name, value, world);
  const context = name === "DOCKER_CONTEXT" ? world.facts.dockerContexts?.[value] : undefined;
  if (context === "local") return null;
  return context === undefined
    ? opaque(`${name} changes what later programs do or whom they talk to.`, word)
    : live(`${name} points at the ${context} context "${value}".`, word);
}

function judgeHostVariable(name: string, value: string, world: World): Verdict | null {
  const host = value.includes(UNKNOWN) ? null : hostOfUrl(value);
  const kind = host === null ? "other" : judgeHost(host, world.facts);
  if (kind === "loopback" || kind === "local") return null;
  return kind === "known"
    ? live(`${name} points at the inventory host "${host ?? value}".`, `${name}=`)
    : opaque(`${name} points at a machine that is not known to be this one.`, `${name}=`);
}

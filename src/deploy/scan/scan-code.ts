import { kindOfTechnology, technologyOf } from "../known-kinds.ts";
import { type Fact, fact } from "./fact.ts";
import { distinctFacts, type Facts, type FoundDependency, type FoundVariable } from "./facts.ts";
import { HEALTH_PATH } from "./health-words.ts";
import { type CodeLine, isOwnCode } from "./search-code.ts";
import { readTakenApart } from "./taken-apart.ts";

const NAME = "([A-Za-z_][A-Za-z0-9_]{0,127})";

interface Read {
  readonly word: string;
  /** The name is the first group that matched. */
  readonly pattern: RegExp;
  /** Whether a call is open behind the name, so that an argument there is what is taken where the variable is missing. */
  readonly isCall: boolean;
}

const DIRECT: readonly (readonly [string, string])[] = [
  ["process.env", String.raw`\bprocess\.env(?:\.${NAME}|\[["'\x60]${NAME}["'\x60]\])`],
  ["import.meta.env", String.raw`\bimport\.meta\.env\.${NAME}`],
  ["Bun.env", String.raw`\bBun\.env\.${NAME}`],
  ["os.environ", String.raw`\bos\.environ\[["']${NAME}["']\]`],
  ["ENV", String.raw`(?<![\w$])ENV\[["']${NAME}["']\]`],
  ["$_ENV", String.raw`\$_ENV\[["']${NAME}["']\]`],
];

const CALLS: readonly (readonly [string, string])[] = [
  ["Deno.env", String.raw`\bDeno\.env\.get\(["']${NAME}["']`],
  ["os.environ", String.raw`\bos\.environ\.get\(\s*["']${NAME}["']`],
  ["getenv", String.raw`(?:\b(?:os\.|System\.|std::|std::env::|secure_)?|\\)[gG]etenv\(\s*["']${NAME}["']`],
  ["LookupEnv", String.raw`\bos\.LookupEnv\("${NAME}"`],
  ["env::var", String.raw`\benv::var(?:_os)?\(\s*"${NAME}"`],
  ["env!", String.raw`\b(?:option_)?env!\(\s*"${NAME}"`],
  ["ENV", String.raw`(?<![\w$])ENV\.fetch\(\s*["']${NAME}["']`],
  ["env()", String.raw`(?<![\w.$>:])env\(\s*["']${NAME}["']`],
  ["env", String.raw`\benv\.(?:str|bool|int|list|url|db|cache)\(\s*["']${NAME}["']`],
  ["GetEnvironmentVariable", String.raw`\bGetEnvironmentVariable\(\s*"${NAME}"`],
  ["get_env", String.raw`\bSystem\.(?:get|fetch)_env!?\(\s*"${NAME}"`],
];

/** How languages read a variable of the environment. */
const READS: readonly Read[] = [
  ...DIRECT.map(([word, source]) => ({ word, pattern: new RegExp(source, "g"), isCall: false })),
  ...CALLS.map(([word, source]) => ({ word, pattern: new RegExp(source, "g"), isCall: true })),
];

/** Behind the name: a second argument, Ruby's block, or what is done where nothing came back. */
const OTHERWISE = String.raw`(?:\?\?|\?:|\|\||or\b|\.unwrap_or|\{|do\b)`;
const DEFAULT_OF_CALL = new RegExp(String.raw`^\s*(?:,\s*[^\s)]|\)\s*${OTHERWISE})`);
const DEFAULT = /^\s*(?:\?\?|\?:|\|\||or\b)/;

/** What a runtime sets by itself, or a shell has anyway. */
const NOT_SETTINGS = new Set(
  "CI DEV HOME OUT_DIR HOSTNAME LANG LOGNAME MODE NODE_ENV PATH PROD PWD SHELL SSR TEMP TERM TMP TMPDIR TZ USER USERNAME".split(
    " ",
  ),
);

/** What Vite puts there itself, by `base` of its configuration. */
const OF_BUNDLER = "BASE_URL";

/** A route that says whether the service is well: in quotes, and where a router or a comparison takes it. */
const HEALTH_ROUTE = new RegExp(
  [
    String.raw`(?:\.(?:get|all|use|route|head|MapGet|MapHealthChecks|HandleFunc|Handle|GET|add_url_rule|add_get|add_api_route)\(|@\w+(?:\.\w+)?\(|\b(?:path|re_path|get|route|url|pathname|GetMapping|RequestMapping|HandleFunc)\b\s*(?:\(|:|===?|=)?|case\s|===?\s*)`,
    String.raw`\s*["'\x60](?:(?:GET|HEAD) )?(${HEALTH_PATH}\/?)["'\x60]`,
  ].join(""),
);

/**
 * What lines of code say: variables that are read, health routes, and addresses of what the service talks to.
 *
 * @param readLines the lines of a file, for what begins on a line above
 */
export function scanCode(
  lines: readonly CodeLine[],
  readLines: (file: string) => readonly string[],
): Partial<Facts> {
  const own = lines.filter((one) => isOwnCode(one.file) && (!/\.ya?ml$/.test(one.file) || isRubyInYaml(one)));
  return {
    // The first place of each is evidence enough.
    variable: distinctFacts(
      own.flatMap((line) => readVariables(line, readLines)),
      ({ name }) => name,
    ),
    healthPath: distinctFacts(own.flatMap(readRoute), String),
    dependency: distinctFacts(own.flatMap(readAddresses), ({ name }) => name),
  };
}

/** Rails fills in its configuration: `password: <%= ENV["DB_PASSWORD"] %>`. */
function isRubyInYaml({ file, text }: CodeLine): boolean {
  return /(?:^|\/)config\/[^/]+\.ya?ml$/.test(file) && text.includes("<%=");
}

function readVariables(
  place: CodeLine,
  readLines: (file: string) => readonly string[],
): Fact<FoundVariable>[] {
  const { text } = place;
  if (isCommentLine(text)) return [];
  const read = READS.flatMap(({ word, pattern, isCall }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const name = match.slice(1).find((group) => group !== undefined) ?? "";
      if (word === "import.meta.env" && name === OF_BUNDLER) return [];
      const behind = text.slice(match.index + match[0].length);
      const hasDefault = (isCall ? DEFAULT_OF_CALL : DEFAULT).test(behind);
      return [fact<FoundVariable>({ name, ...(hasDefault ? { required: false } : {}) }, place, word)];
    }),
  );
  const apart = readTakenApart(place, readLines);
  return [...read, ...apart].filter(
    ({ value }) => !NOT_SETTINGS.has(value.name) && /^(?!CARGO_).*[A-Z]/.test(value.name),
  );
}

function isCommentLine(text: string): boolean {
  return /^\s*(?:\/\/|\/\*|#(?!\[)|\*|--|<!--|;)/.test(text);
}

function readRoute(place: CodeLine): Fact<string>[] {
  if (isCommentLine(place.text)) return [];
  const path = HEALTH_ROUTE.exec(place.text)?.[1] ?? readFrameworkRoute(place);
  return path === undefined ? [] : [fact(path, place, "route")];
}

/** Frameworks that bring a health route of their own, by the line that asks for it: any path may stand there. */
const FRAMEWORK_ROUTES: readonly { readonly file: RegExp; readonly pattern: RegExp }[] = [
  // Rails: get "up" => "rails/health#show"
  {
    file: /(?:^|\/)config\/routes\.rb$/,
    pattern: /\bget\s*\(?\s*["']\/?([\w./-]+)["']\s*(?:=>|,\s*to:)\s*["']rails\/health#show["']/,
  },
  // Laravel: ->withRouting(health: '/up')
  { file: /(?:^|\/)bootstrap\/app\.php$/, pattern: /\bhealth:\s*["']\/([\w./-]+)["']/ },
  // Django: path("healthz/", health), without the slash in front
  {
    file: /(?:^|\/)urls\.py$/,
    pattern:
      /\b(?:re_)?path\(\s*r?["']\^?((?:api\/)?(?:health|healthz|healthcheck|health-check|health_check|ready|readyz|livez|ping)\/?)\$?["']/,
  },
];

function readFrameworkRoute({ file, text }: CodeLine): string | undefined {
  const found = FRAMEWORK_ROUTES.find((one) => one.file.test(file))?.pattern.exec(text)?.[1];
  return found === undefined ? undefined : `/${found}`;
}

/** An address in code is a default or an example, so only its scheme is told: what kind of thing it talks to. */
function readAddresses(place: CodeLine): Fact<FoundDependency>[] {
  if (isCommentLine(place.text)) return [];
  return readSchemes(place.text).map((dependency) => fact(dependency, place, "address"));
}

/** `postgres` of `postgresql+asyncpg://user:…@db/shop`. */
function readSchemes(text: string): FoundDependency[] {
  return [...text.matchAll(/(?<![\w+.-])([a-z][a-z0-9]{1,20})(?:\+[a-z0-9]{1,20})?:\/\//g)].flatMap(
    (match) => {
      const name = technologyOf(match[1] ?? "");
      const kind = kindOfTechnology(name);
      return kind === undefined || kind === "storage" ? [] : [{ name, kind }];
    },
  );
}

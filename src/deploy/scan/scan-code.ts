import { kindOfTechnology, technologyOf } from "../known-kinds.ts";
import { type Fact, fact } from "./fact.ts";
import type { Facts, FoundDependency, FoundVariable } from "./facts.ts";
import { type CodeLine, isOwnCode } from "./search-code.ts";

const NAME = "([A-Za-z_][A-Za-z0-9_]{0,127})";

/** How languages read a variable of the environment: the name is the first group that matched. */
const READS: readonly { readonly word: string; readonly pattern: RegExp }[] = [
  ["process.env", String.raw`\bprocess\.env(?:\.${NAME}|\[["'\x60]${NAME}["'\x60]\])`],
  ["import.meta.env", String.raw`\bimport\.meta\.env\.${NAME}`],
  ["Deno.env", String.raw`\bDeno\.env\.get\(["']${NAME}["']`],
  ["Bun.env", String.raw`\bBun\.env\.${NAME}`],
  ["os.environ", String.raw`\bos\.environ(?:\[["']${NAME}["']\]|\.get\(\s*["']${NAME}["'])`],
  ["getenv", String.raw`(?:\b(?:os\.|System\.|std::|std::env::|secure_)?|\\)[gG]etenv\(\s*["']${NAME}["']`],
  ["LookupEnv", String.raw`\bos\.LookupEnv\("${NAME}"`],
  ["env::var", String.raw`\benv::var(?:_os)?\(\s*"${NAME}"`],
  ["env!", String.raw`\b(?:option_)?env!\(\s*"${NAME}"`],
  ["ENV", String.raw`(?<![\w$])ENV(?:\[["']${NAME}["']\]|\.fetch\(\s*["']${NAME}["'])`],
  ["$_ENV", String.raw`\$_ENV\[["']${NAME}["']\]`],
  ["env()", String.raw`(?<![\w.$>:])env\(\s*["']${NAME}["']`],
  ["env", String.raw`\benv\.(?:str|bool|int|list|url|db|cache)\(\s*["']${NAME}["']`],
  ["GetEnvironmentVariable", String.raw`\bGetEnvironmentVariable\(\s*"${NAME}"`],
  ["get_env", String.raw`\bSystem\.(?:get|fetch)_env!?\(\s*"${NAME}"`],
].map(([word = "", source = ""]) => ({ word, pattern: new RegExp(source, "g") }));

/** `const { PORT, HOST: host = "x" } = process.env` */
const TAKEN_APART = /(?:const|let|var)\s*\{([^{}]{1,500})\}\s*=\s*(process\.env|import\.meta\.env)\b/g;

/** `import { STRIPE_KEY } from "$env/static/private"`: SvelteKit takes it from the environment of the build. */
const IMPORTED = /\bimport\s*\{([^{}]{1,500})\}\s*from\s*["'](\$env\/static\/(?:private|public))["']/g;

/** What a runtime sets by itself, or a shell has anyway. */
const NOT_SETTINGS = new Set(
  "CI DEV HOME OUT_DIR HOSTNAME LANG LOGNAME MODE NODE_ENV PATH PROD PWD SHELL SSR TEMP TERM TMP TMPDIR TZ USER USERNAME BASE_URL_".split(
    " ",
  ),
);

/** A route that says whether the service is well: in quotes, and where a router or a comparison takes it. */
const HEALTH_ROUTE =
  /(?:\.(?:get|all|use|route|head|MapGet|MapHealthChecks|HandleFunc|Handle|GET|add_url_rule|add_get|add_api_route)\(|@\w+(?:\.\w+)?\(|\b(?:path|re_path|get|route|url|pathname|GetMapping|RequestMapping|HandleFunc)\b\s*(?:\(|:|===?|=)?|case\s|===?\s*)\s*["'`]((?:\/(?:api|v\d|_|actuator|internal))*\/(?:health|healthz|healthcheck|health-check|health_check|ready|readyz|readiness|live|livez|liveness|ping)(?:\/(?:live|ready|liveness|readiness))?)\/?["'`]/;

/** What lines of code say: variables that are read, health routes, and addresses of what the service talks to. */
export function scanCode(lines: readonly CodeLine[]): Partial<Facts> {
  const own = lines.filter(({ file }) => isOwnCode(file) && !/\.ya?ml$/.test(file));
  return {
    variable: distinctBy(own.flatMap(readVariables), ({ value }) => value.name),
    healthPath: distinctBy(own.flatMap(readRoute), ({ value }) => value),
    dependency: distinctBy(own.flatMap(readAddresses), ({ value }) => value.name),
  };
}

/** The first place of each is evidence enough. */
function distinctBy<T>(facts: readonly Fact<T>[], keyOf: (found: Fact<T>) => string): Fact<T>[] {
  const byKey = new Map<string, Fact<T>>();
  for (const found of facts) if (!byKey.has(keyOf(found))) byKey.set(keyOf(found), found);
  return [...byKey.values()];
}

function readVariables(place: CodeLine): Fact<FoundVariable>[] {
  const { text } = place;
  if (isCommentLine(text)) return [];
  const read = READS.flatMap(({ word, pattern }) =>
    [...text.matchAll(pattern)].map((match) => {
      const name = match.slice(1).find((group) => group !== undefined) ?? "";
      const hasDefault = /^\s*\)?\s*(?:\?\?|\|\||,(?!\s*\))|\sor\s)/.test(
        text.slice(match.index + match[0].length),
      );
      return fact<FoundVariable>({ name, ...(hasDefault ? { required: false } : {}) }, place, word);
    }),
  );
  const apart = [...text.matchAll(TAKEN_APART), ...text.matchAll(IMPORTED)].flatMap((match) =>
    (match[1] ?? "").split(",").flatMap((part) => {
      const name = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:$|[:=]|as\s)/.exec(part)?.[1];
      const required = /=/.test(part) ? { required: false } : {};
      return name === undefined ? [] : [fact<FoundVariable>({ name, ...required }, place, match[2] ?? "")];
    }),
  );
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

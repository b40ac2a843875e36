import { argumentsAt, type Effects, isName, isSign, plainText, type Token } from "./code-tokens.ts";
import { secretKind } from "./paths.ts";
import { readPythonTokens } from "./python-tokens.ts";

/**
 * Python that can be proven to compute, print, read files, and write those that it names. Whatever a name stands for,
 * it cannot reach further than the names and attributes listed here do; so it does not matter under which other names
 * values are kept and called. All else is opaque.
 */

const words = (text: string) => new Set(text.trim().split(/\s+/));

const modules: Readonly<Record<string, ReadonlySet<string>>> = {
  sys: words(
    "argv stdin stdout stderr version version_info path platform exit maxsize prefix executable byteorder getsizeof",
  ),
  json: words("load loads dump dumps JSONDecodeError"),
  math: words("sqrt floor ceil log log2 log10 exp pow pi e inf nan isnan gcd fsum prod sin cos tan hypot"),
  re: words(
    "compile search match fullmatch findall finditer split sub subn escape I M S X IGNORECASE MULTILINE DOTALL VERBOSE",
  ),
  datetime: words("datetime date timedelta timezone time UTC"),
  time: words("time sleep strftime perf_counter monotonic gmtime localtime ctime"),
  platform: words(
    "python_version platform system machine node release processor python_implementation architecture",
  ),
  string: words("ascii_letters ascii_lowercase ascii_uppercase digits punctuation hexdigits whitespace"),
  textwrap: words("dedent indent fill wrap shorten"),
  itertools: words(
    "chain count cycle groupby product permutations combinations islice zip_longest accumulate",
  ),
  collections: words("Counter defaultdict OrderedDict deque"),
  functools: words("reduce"),
  statistics: words("mean median mode stdev variance quantiles"),
  random: words("random randint choice choices shuffle sample seed uniform"),
  uuid: words("uuid4 uuid1 UUID"),
  hashlib: words("sha1 sha256 sha512 md5 blake2b"),
  base64: words("b64encode b64decode urlsafe_b64encode urlsafe_b64decode"),
  csv: words("reader writer DictReader DictWriter QUOTE_ALL QUOTE_MINIMAL"),
  yaml: words("safe_load safe_load_all safe_dump YAMLError"),
  tomllib: words("load loads TOMLDecodeError"),
  difflib: words("unified_diff ndiff context_diff get_close_matches"),
  html: words("escape unescape"),
  pprint: words("pprint pformat"),
  glob: words("glob iglob"),
  os: words("path listdir walk getcwd environ getenv sep linesep cpu_count stat"),
  ast: words(
    "parse walk dump literal_eval unparse get_docstring FunctionDef ClassDef Import ImportFrom Call Name",
  ),
  pathlib: words("Path PurePath"),
  decimal: words("Decimal"),
  fractions: words("Fraction"),
  typing: words("Any Optional Iterable List Dict"),
};

const attributes = words(`
  join split rsplit splitlines strip lstrip rstrip upper lower title capitalize replace startswith endswith find rfind index
  rindex count zfill ljust rjust center encode decode format isdigit isalpha isalnum isupper islower isspace casefold
  partition rpartition removeprefix removesuffix translate maketrans expandtabs
  keys values items get setdefault append extend insert pop remove clear reverse sort copy update add discard union
  intersection difference issubset issuperset most_common elements total fromkeys
  read readline readlines write writelines flush close buffer seek tell
  group groups groupdict start end span pattern string
  now utcnow today date time fromisoformat fromtimestamp strptime isoformat strftime timestamp total_seconds days seconds
  year month day hour minute second weekday isoweekday combine
  writerow writerows writeheader fieldnames line_num hexdigest hex
  exists is_file is_dir isfile isdir basename dirname abspath relpath normpath getsize getmtime splitext
  read_text read_bytes write_text write_bytes name stem suffix suffixes parent parents parts glob rglob iterdir relative_to
  as_posix stat st_size st_mtime st_mode with_suffix with_name joinpath
  body args id func attr value values lineno col_offset names module targets msg reason lower_bound real imag`);

/** Builtins that load or reach what is listed nowhere. */
const refused = words(`
  eval exec compile getattr setattr delattr globals locals vars breakpoint help super object type dir input memoryview
  copyright credits license`);

export function provePython(code: string): Effects | null {
  const tokens = readPythonTokens(code);
  if (tokens === null || readsSecrets(tokens)) return null;
  const imported = readImports(tokens);
  if (imported === null) return null;
  const writes: string[] = [];
  for (const [at, token] of tokens.entries()) {
    if (imported.inside.has(at)) continue;
    if (isSign(token, "@")) return null;
    if (token.kind !== "name") continue;
    const written = judgeName(tokens, at, imported.modules);
    if (written === null) return null;
    writes.push(...written);
  }
  return { writes };
}

/** It names a file that holds secrets, or looks for files beyond the project. */
function readsSecrets(tokens: readonly Token[]): boolean {
  const texts = tokens.filter(({ kind }) => kind === "string").map(({ text }) => text);
  const searches = tokens.some((token) =>
    isName(token, "glob", "iglob", "rglob", "walk", "listdir", "iterdir"),
  );
  return texts.some(
    (text) => secretKind(text) === "private" || (searches && /^[/~](?!tmp\/)|(^|\/)\.\./.test(text)),
  );
}

interface Imports {
  modules: ReadonlyMap<string, string>;
  /** Places of the tokens that import statements are made of. */
  inside: ReadonlySet<number>;
}

/** Null when it imports what is not listed. */
function readImports(tokens: readonly Token[]): Imports | null {
  const found = new Map<string, string>();
  const inside = new Set<number>();
  for (const at of [...tokens.keys()].filter((place) => importsAt(tokens, place))) {
    if (inside.has(at)) continue;
    const rest = tokens.findIndex(
      (other, index) => index > at && (other.kind === "line" || isSign(other, ";")),
    );
    const end = rest < 0 ? tokens.length : rest;
    if (!beginsStatement(tokens[at - 1]) || !noteImport(tokens.slice(at, end), found)) return null;
    for (let index = at; index < end; index += 1) inside.add(index);
  }
  const names = new Set(tokens.filter((_, at) => !inside.has(at)).map(({ text }) => text));
  // Of a module that leads to all others only what is seen here is used.
  const isUnused = [...found].some(([name, module]) => module === "os" && !names.has(name));
  return isUnused ? null : { modules: found, inside };
}

function noteImport(statement: readonly Token[], found: Map<string, string>): boolean {
  const text = statement.map((part) => part.text).join(" ");
  return isName(statement[0], "from") ? isKnownFrom(text) : noteModules(text, found);
}

/** Where a statement begins that imports something. */
function importsAt(tokens: readonly Token[], at: number): boolean {
  return isName(tokens[at], "import") || (isName(tokens[at], "from") && isName(tokens[at + 2], "import"));
}

function beginsStatement(before: Token | undefined): boolean {
  return before === undefined || before.kind === "line" || isSign(before, ";", ":");
}

function isKnownFrom(text: string): boolean {
  const [, module = "", names = ""] =
    /^from (\w+) import (?:\( )?([\w ,]+?)(?: ,)?(?: \))?$/.exec(text) ?? [];
  const known = Object.hasOwn(modules, module) ? modules[module] : undefined;
  return names.split(" , ").every((part) => {
    const [name = "", as, alias = name, ...more] = part.split(" ");
    const isPlain = more.length === 0 && (as === undefined || as === "as");
    // What `open` or `Path` is decides what is written: no other may be called so, and it may not be called otherwise.
    const isSpecial = [name, alias].some((word) => /^(open|Path|PurePath|path|environ)$/.test(word));
    return isPlain && known?.has(name) === true && (!isSpecial || (alias === name && name === "Path"));
  });
}

function noteModules(text: string, found: Map<string, string>): boolean {
  return text
    .replace(/^import /, "")
    .split(" , ")
    .every((part) => {
      const [, module = "", alias = module] = /^(\w+)(?: as (\w+))?$/.exec(part) ?? [];
      if (!Object.hasOwn(modules, module) || /^(open|Path|print)$/.test(alias)) return false;
      const isOther = found.has(alias) && found.get(alias) !== module;
      found.set(alias, module);
      return !isOther;
    });
}

/** What is written by what stands there; null when it is not known to be harmless. */
function judgeName(
  tokens: readonly Token[],
  at: number,
  imported: ReadonlyMap<string, string>,
): readonly string[] | null {
  const name = tokens[at]?.text ?? "";
  const after = tokens[at + 1];
  if (name.startsWith("_") && !/^_$|^_[a-z]\w*$|^__name__$/.test(name)) return null;
  if (isSign(tokens[at - 1], ".")) return isOfModule(tokens, at, imported) ? [] : judgeAttribute(tokens, at);
  if (refused.has(name)) return null;
  const module = imported.get(name);
  if (module === undefined) return /^(open|Path)$/.test(name) ? judgeFileCall(tokens, at) : [];
  const member = tokens[at + 2]?.text ?? "";
  return isSign(after, ".") && modules[module]?.has(member) === true ? [] : null;
}

/** `open` and `Path` keep their meaning: they are called, and nothing else is called so. */
function judgeFileCall(tokens: readonly Token[], at: number): readonly string[] | null {
  const isNamed = isName(tokens[at - 1], "def", "class", "as", "for", "global", "del");
  if (isNamed || !isSign(tokens[at + 1], "(")) return null;
  return isName(tokens[at], "open") ? judgeOpen(tokens, at + 1) : [];
}

/** It stands behind the name of a module, whose list has it; the search path and the environment are only looked at. */
function isOfModule(tokens: readonly Token[], at: number, imported: ReadonlyMap<string, string>): boolean {
  const owner = tokens[at - 2];
  const isOwned = isName(owner) && !isSign(tokens[at - 3], ".") && imported.has(owner.text);
  return (
    isOwned && !(isName(owner, "sys") && isName(tokens[at], "path") && !isSign(tokens[at + 1], ")", ","))
  );
}

function judgeAttribute(tokens: readonly Token[], at: number): readonly string[] | null {
  const name = tokens[at]?.text ?? "";
  if (name === "open") return argumentsAt(tokens, at + 1)?.length === 0 ? [] : null;
  if (!attributes.has(name)) return null;
  if (/^write_(text|bytes)$/.test(name)) {
    const path = pathBefore(tokens, at);
    return path === null ? null : [path];
  }
  // Of a path, these move it; of a text or a list, they take as many arguments as that.
  const wanted = { replace: 2, copy: 0 }[name];
  if (wanted === undefined) return [];
  const given = isSign(tokens[at + 1], "(") ? argumentsAt(tokens, at + 1) : null;
  return given !== null && (given.length === wanted || (wanted === 2 && given.length === 3)) ? [] : null;
}

/** The path that `Path("a").write_text` or `p.write_text` writes: a text that stands there. */
function pathBefore(tokens: readonly Token[], at: number): string | null {
  const owner = tokens[at - 2];
  if (isSign(owner, ")")) return pathIn(tokens, at - 5, at - 1);
  return isName(owner) && !isSign(tokens[at - 3], ".") ? boundTo(tokens, owner.text, pathOf) : null;
}

const pathOf = (tokens: readonly Token[], at: number) => pathIn(tokens, at, at + 4);

/** `Path("a")`, from there to there. */
function pathIn(tokens: readonly Token[], from: number, to: number): string | null {
  const isPath =
    isName(tokens[from], "Path") && isSign(tokens[from + 1], "(") && isSign(tokens[from + 3], ")");
  return isPath && to === from + 4 ? plainText(tokens.slice(from + 2, from + 3)) : null;
}

/** What the one assignment to a name gives it. Any other place that could bind it makes that unknown. */
function boundTo(
  tokens: readonly Token[],
  name: string,
  read: (tokens: readonly Token[], at: number) => string | null,
): string | null {
  if (tokens.some((token) => isName(token, "lambda", "case", "class", "def"))) return null;
  const places = [...tokens.keys()].filter((at) => isName(tokens[at], name) && !isSign(tokens[at - 1], "."));
  const [first = 0, ...others] = places;
  const isStatement = first === 0 || tokens[first - 1]?.kind === "line" || isSign(tokens[first - 1], ";");
  if (!isStatement || !isSign(tokens[first + 1], "=")) return null;
  if (!others.every((at) => isSign(tokens[at + 1], ".") || isArgument(tokens, at))) return null;
  // Its value ends where the statement does.
  const end = tokens[first + 2 + (read === pathOf ? 4 : 1)];
  return end === undefined || end.kind === "line" || isSign(end, ";") ? read(tokens, first + 2) : null;
}

/** It stands alone as an argument of a call, or in an f-string, where nothing can be bound. */
function isArgument(tokens: readonly Token[], at: number): boolean {
  if (!isSign(tokens[at + 1], ",", ")") || !isSign(tokens[at - 1], ",", "(")) return false;
  let depth = 0;
  for (let open = at - 1; open >= 0; open -= 1) {
    if (isSign(tokens[open], ")", "]", "}")) depth += 1;
    if (!isSign(tokens[open], "(", "[", "{")) continue;
    if (depth === 0)
      return (
        isSign(tokens[open], "(") &&
        (isName(tokens[open - 1], "open", "print", "len", "str") || isSign(tokens[open - 1], "+"))
      );
    depth -= 1;
  }
  return false;
}

/** `open(path)` reads. In another mode it writes a file that has to be named there. */
function judgeOpen(tokens: readonly Token[], open: number): readonly string[] | null {
  const given = argumentsAt(tokens, open);
  if (given === null || given.length === 0 || given.some(([first]) => isSign(first, "*", "**"))) return null;
  const named = given.filter((words) => isName(words[0]) && isSign(words[1], "="));
  if (named.some(([name]) => !isName(name, "mode", "encoding", "errors", "newline"))) return null;
  const [path = [], mode, ...more] = given.filter((words) => !named.includes(words));
  if (path.length === 0 || more.length > 1) return null;
  const set = mode ?? named.find(([name]) => isName(name, "mode"))?.slice(2);
  const text = set === undefined ? "r" : plainText(set);
  if (text === null) return null;
  if (/^[rbtU]+$/.test(text)) return [];
  const [first] = path;
  const file =
    isName(first) && path.length === 1
      ? boundTo(tokens, first.text, (all, at) => plainText(all.slice(at, at + 1)))
      : plainText(path);
  return file === null ? null : [file];
}

/** What a program in JavaScript may reach by name. */

const words = (text: string) => new Set(text.trim().split(/\s+/));

/** Objects that are there from the beginning; each with its members. */
export const globals: Readonly<Record<string, ReadonlySet<string>>> = {
  console: words("log error warn info table dir debug time timeEnd group groupEnd"),
  JSON: words("stringify parse"),
  Object: words("keys values entries fromEntries"),
  Math: words("max min round floor ceil sqrt abs pow log log2 log10 random PI sign trunc hypot"),
  Array: words("isArray from of"),
  Number: words("isInteger isFinite isNaN parseFloat parseInt MAX_SAFE_INTEGER EPSILON"),
  String: words("raw fromCharCode"),
  Date: words("now UTC parse"),
  Promise: words("all resolve allSettled"),
  Buffer: words("from byteLength"),
  performance: words("now"),
  process: words(
    "argv version versions platform arch pid env cwd uptime memoryUsage hrtime exit exitCode stdout stdin",
  ),
};
export const functions = words(
  "Number String Boolean parseInt parseFloat isNaN isFinite BigInt Date structuredClone",
);
export const timers = words("setTimeout setInterval clearTimeout clearInterval");
export const made = words("Date Set Map Array Error URL URLSearchParams RegExp Promise");
export const constants = words("undefined NaN Infinity");

export const modules: Readonly<Record<string, ReadonlySet<string>>> = {
  fs: words("readFileSync existsSync readdirSync statSync lstatSync writeFileSync appendFileSync mkdirSync"),
  path: words("join basename dirname extname resolve relative sep parse normalize"),
  os: words("EOL cpus platform tmpdir totalmem freemem arch release"),
  util: words("inspect format"),
  crypto: words("randomUUID randomBytes createHash"),
};
export const writers = words("writeFileSync appendFileSync mkdirSync");

export const methods = words(`
  join map filter slice sort toSorted includes split trim trimStart trimEnd toUpperCase toLowerCase toFixed toISOString toString
  startsWith endsWith padStart padEnd flat flatMap concat find findIndex findLast some every indexOf lastIndexOf forEach
  reduce push pop shift unshift splice reverse fill keys values entries has get set add delete at charAt charCodeAt
  codePointAt repeat substring substr localeCompare toLocaleString getTime getFullYear getMonth getDate getHours getMinutes
  match matchAll replace replaceAll test exec normalize then catch finally on once setEncoding write end update digest
  isFile isDirectory`);
/** Their first argument, or the second, is called. */
export const callers = words(`
  map filter sort toSorted find findIndex findLast some every forEach reduce flatMap then catch finally from
  replace replaceAll on once stringify parse setTimeout setInterval fill`);

export const keywords = words(`
  const let var typeof of in if else return for while do break continue new true false null void delete instanceof async
  await try catch finally throw switch case default function yield`);
/** What they lead to is listed nowhere. `this` in a function is the object of all globals. */
export const refusedMembers = /^(constructor|prototype|caller|callee|mainModule|binding|_.*)$/;
/** Names of node's own that lead out; a program may give such a name in one place and mean node's in another. */
export const refusedNames =
  /^(globalThis|global|self|window|module|exports|require|eval|Function|Reflect|Proxy|Symbol|WebAssembly|fetch|WebSocket|EventSource|Worker|\w*Worker|arguments|child_process|net|tls|dgram|dns|https?|http2|vm|v8|worker_threads|cluster|repl|inspector|wasi|sea|sqlite|async_hooks|perf_hooks|trace_events|process|import|this)$/;
export const steersObjects = /^(constructor|prototype|then|toString|valueOf|toJSON|next|get|set|__proto__)$/;
export const unreadable = /constructor|prototype|__|\\[ux0-7]/;

export function isListed(name: string): boolean {
  return Object.hasOwn(globals, name) || functions.has(name) || timers.has(name) || made.has(name);
}

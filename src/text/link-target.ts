/** Endings of file names; some are top-level domains too: `[README.md](…)` names a file. */
const fileEnding = new RegExp(
  `\\.(?:${[
    "md|mdx|txt|html?|css|json|jsonc|ya?ml|xml|svg|png|jpe?g|webp|ico|pdf|csv|sql|toml|ini|cfg|conf|lock|log|env|zip|gz|tar",
    "tgz|xz|bz2|rs|py|ipynb|sh|ps|ts|js|mjs|cjs|tsx|jsx|vue|svelte|astro|go|java|gradle|kts?|cs|csproj|sln|c|h|cc|cpp|hpp",
    "pl|rb|php|lua|el|exs?|ml|hs|swift|do|in|am|ac|so|dll|exe|wasm|jar|war|whl|deb|rpm|apk|mov|app|tf|tfvars|hcl|nix|rego",
    "proto|graphql|gql|prisma|tpl|tmpl|j2|hbs|ejs|service|timer|socket|mount|rules|pem|crt|key|csr|patch|diff|bak|old|orig",
    "sample|dist|sqlite|db|map|snap|jsonnet",
  ].join("|")})$`,
  "i",
);

/**
 * Whether a link's text promises another place than its target is, or the target hides where it leads:
 * another host, path or mailbox than the text shows, a user name before the host, or a scheme that runs code.
 *
 * @param text without escapes; marks of emphasis and code may stand in it
 * @param target without escapes
 */
export function misleads(text: string, target: string): boolean {
  const clean = target.trim();
  if (/^(?:javascript|vbscript|data|file):/i.test(clean.replaceAll(/\s/g, ""))) return true;
  const url = readUrl(clean);
  if (url?.username.includes(".")) return true;
  if (namesOtherMailbox(text, clean)) return true;
  // What is spelt as the target is can hold no marks that are not seen.
  const spelt = readShown(text);
  if (spelt !== null && url !== null && isShownBy(spelt, url)) return false;
  const shown = readShown(text.replaceAll(/[*_`~<>[\]]/g, ""));
  if (shown === null) return url !== null && namesOtherHost(text, url);
  if (url === null) return /^(?:[a-z][a-z+.-]*:|\/\/)/i.test(clean) || shown.hasScheme;
  return !isShownBy(shown, url);
}

/** `[ada@example.com](mailto:eve@evil.example)`. */
function namesOtherMailbox(text: string, target: string): boolean {
  const mailbox = /^mailto:([^?]*)/i.exec(target)?.[1]?.toLowerCase();
  const shown = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/.exec(text)?.[0].toLowerCase();
  return mailbox !== undefined && shown !== undefined && shown !== mailbox;
}

/** Among other words, an address is recognised by its scheme. */
function namesOtherHost(text: string, url: URL): boolean {
  const unmarked = text.replaceAll("`", "");
  return [...unmarked.matchAll(/\bhttps?:\/\/[^\s<>"')\]]{1,500}/gi)].some(([address]) => {
    const shown = readUrl(address);
    return shown !== null && hostOf(shown) !== hostOf(url);
  });
}

function readUrl(target: string): URL | null {
  const absolute = target.startsWith("//") ? `https:${target}` : target;
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(absolute)) return null;
  try {
    return new URL(absolute);
  } catch {
    return null;
  }
}

interface Shown {
  readonly host: string;
  /** Empty where none is shown. */
  readonly path: string;
  readonly hasScheme: boolean;
}

function isShownBy({ host, path }: Shown, url: URL): boolean {
  return host === hostOf(url) && (path === "" || path === pathOf(url));
}

/** The place that a text names, when it looks like an address. */
function readShown(text: string): Shown | null {
  const plain = text.trim();
  if (plain === "" || /\s/.test(plain)) return null;
  const hasScheme = /^(?:https?|ftps?|ssh):\/\//i.test(plain);
  const isHost =
    /^(?:[\p{L}\p{N}-]{1,63}\.)+[\p{L}]{2,63}(?=$|[:/?#])/u.test(plain) && !fileEnding.test(plain);
  if (!hasScheme && !isHost) return null;
  const url = readUrl(hasScheme ? plain : `https://${plain}`);
  return url === null ? null : { host: hostOf(url), path: pathOf(url), hasScheme };
}

function hostOf(url: URL): string {
  return url.host
    .toLowerCase()
    .replace(/^www\./, "")
    .replace(/\.$/, "");
}

/** What a text shows in full must be in the target; `…` and a lone slash are no promise. */
function pathOf(url: URL): string {
  const path = decodeURI(safe(url.pathname)) + url.search;
  return /…|\.\.\.$/.test(path) ? "" : path.replace(/\/$/, "");
}

function safe(path: string): string {
  try {
    decodeURI(path);
    return path;
  } catch {
    return encodeURI(path);
  }
}

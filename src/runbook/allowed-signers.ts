import type { VibeopsError } from "../errors.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import { type PublicKey, readPublicKey, STRONGER_KEY, whyTooShort } from "./ssh-key.ts";
import { trustRefusal } from "./trust-refusal.ts";

/** What an approval is signed under; a signature made for anything else is worth nothing here. */
export const APPROVAL_NAMESPACE = "vibeops-approval";
/** What closes a record. */
export const RECORD_NAMESPACE = "vibeops-record";

const NAMESPACES: readonly string[] = [APPROVAL_NAMESPACE, RECORD_NAMESPACE];

/** A line of an allowed-signers file (ssh-keygen(1), ALLOWED SIGNERS). */
export interface Signer extends PublicKey {
  readonly principal: string;
  /** Empty: any. */
  readonly namespaces: readonly string[];
  /** The first moment at which it counts, in UTC; null: it counted before. */
  readonly validAfter: Date | null;
  /** The first moment at which it does not count any more, in UTC; null: it counts on. */
  readonly validBefore: Date | null;
  readonly line: number;
}

/** Whether what is signed under a namespace is signed by this line's key. */
export function countsFor({ namespaces }: Pick<Signer, "namespaces">, namespace: string): boolean {
  return namespaces.length === 0 || namespaces.includes(namespace);
}

/** Whether a name may stand for one person: no pattern, list, quote or negation. */
export function isPrincipal(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._+@-]*$/.test(text);
}

/**
 * Reads an allowed-signers file the strict way: every line names people and one key, for our namespaces. Patterns,
 * certificate authorities, other namespaces and lines that cannot be read are refused, since `*` would let anybody
 * approve, and what we read differently than ssh-keygen does would be a hole.
 *
 * @throws VibeopsError `trust.signers`
 */
export function parseSigners(text: string, file: string): Signer[] {
  return text.split("\n").flatMap((line, i) => {
    const trimmed = trimBlanks(line);
    return trimmed === "" || trimmed.startsWith("#") ? [] : readLine(trimmed, i + 1, file);
  });
}

/** Without the blanks that ssh-keygen skips: to it a no-break space is a letter. */
function trimBlanks(line: string): string {
  const isBlank = (at: number) => [" ", "\t", "\r"].includes(line.charAt(at));
  let [start, end] = [0, line.length];
  while (isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return line.slice(start, end);
}

const MALFORMED = "this line is no allowed signer";

function readLine(text: string, line: number, file: string): Signer[] {
  const complain = (message: string, fix: string) => trustRefusal("signers", file, message, fix, line);
  const [, principals = "", rest = ""] = /^(\S+)[ \t]+(\S.*)$/.exec(text) ?? [];
  const bare = readKey(rest);
  const [, options = "", behind = ""] = bare === null ? (OPTIONS.exec(rest) ?? []) : [];
  const key = bare ?? readKey(behind);
  if (key === null) {
    throw complain(MALFORMED, 'write: you@example.com namespaces="…" ssh-ed25519 AAAA…');
  }
  const weakness = whyTooShort(key);
  if (weakness !== null) throw complain(`this is ${weakness}, which others can forge`, STRONGER_KEY);
  const { namespaces, validAfter, validBefore } = readOptions(options, complain);
  return principals.split(",").map((principal) => {
    if (!isPrincipal(principal)) {
      throw complain(
        `'${principal}' is not the name of one person: it may let others in`,
        "name each person by their address",
      );
    }
    return { principal, namespaces, validAfter, validBefore, ...key, line };
  });
}

/** Names and quoted values, up to the first space outside of quotes. */
const OPTIONS = /^((?:[^\s"]|"[^"]*")+)[ \t]+(\S.*)$/;
const OPTION = /^([A-Za-z-]+)(?:="([^"\\]*)")?(?:,|$)/;

function readKey(text: string): PublicKey | null {
  const [keyType = "", blob = ""] = text.split(/[ \t]+/, 2);
  return readPublicKey(keyType, blob);
}

type Complain = (message: string, fix: string) => VibeopsError;

function readOptions(
  text: string,
  complain: Complain,
): Pick<Signer, "namespaces" | "validAfter" | "validBefore"> {
  const options = splitOptions(text, complain);
  if (options.has("cert-authority")) {
    const message = "a certificate authority would let anybody in whom it certifies";
    throw complain(message, "name the people");
  }
  for (const name of options.keys()) {
    if (!["namespaces", "valid-after", "valid-before"].includes(name)) {
      throw complain(
        `'${name}' is no option of an allowed signer`,
        "namespaces, valid-after and valid-before are",
      );
    }
  }
  const namespaces = options.get("namespaces")?.split(",") ?? [];
  const foreign = namespaces.find((name) => !NAMESPACES.includes(name));
  if (foreign !== undefined) {
    throw complain(
      `namespace '${foreign}' is none of ours`,
      `write: namespaces="${NAMESPACES.join(",")}"; keep keys for other purposes in another file`,
    );
  }
  return {
    namespaces,
    validAfter: readTime(options.get("valid-after"), complain),
    validBefore: readTime(options.get("valid-before"), complain),
  };
}

function splitOptions(text: string, complain: Complain): Map<string, string> {
  const options = new Map<string, string>();
  for (let rest = text; rest !== ""; ) {
    const [all, name, value = ""] = OPTION.exec(rest) ?? [];
    if (all === undefined || name === undefined || options.has(name.toLowerCase())) {
      throw complain(`these options cannot be read: ${text}`, 'write: name="value",name="value"');
    }
    // ssh-keygen reads names in either case.
    options.set(name.toLowerCase(), value);
    rest = rest.slice(all.length);
  }
  return options;
}

/** `YYYYMMDD`, or with `HHMM` or `HHMMSS`. We run ssh-keygen with TZ=UTC, so that a Z changes nothing. */
function readTime(text: string | undefined, complain: Complain): Date | null {
  if (text === undefined) return null;
  const [, day, hour = "00", minute = "00", second = "00"] =
    /^(\d{8})(?:(\d\d)(\d\d)(\d\d)?)?Z?$/.exec(text) ?? [];
  const date = day === undefined ? null : `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  const time = new Date(`${date}T${hour}:${minute}:${second}Z`);
  if (date !== null && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(date)) return time;
  throw complain(`'${text}' is no time`, "write: YYYYMMDD or YYYYMMDDHHMMSS");
}

/** Why a key that is listed does not count at a time, as "ended on 2027-06-30"; null where it does. */
export function whyOutOfTime(
  { validAfter, validBefore }: Pick<Signer, "validAfter" | "validBefore">,
  time: Date,
): string | null {
  if (validBefore !== null && validBefore <= time) return `ended on ${lastDay(validBefore)}`;
  return validAfter !== null && time < validAfter ? `counts only from ${validAfter.toISOString()}` : null;
}

/** The last day of a time that ends at this moment. */
export function lastDay(validBefore: Date): string {
  return new Date(validBefore.getTime() - 1).toISOString().slice(0, 10);
}

/** What is to stand in the file about one person's key. */
export interface NewSigner {
  readonly principal: string;
  readonly key: PublicKey;
  /** The last day on which it counts, as 2027-06-30; not given: it counts on. */
  readonly until?: string;
}

/** The line that lists a person's key for our namespaces alone. */
export function formatSigner({ principal, key, until }: NewSigner): string {
  const before = until === undefined ? "" : `,valid-before="${dayAfter(until)}"`;
  return `${principal} namespaces="${NAMESPACES.join(",")}"${before} ${key.keyType} ${key.blob}`;
}

function dayAfter(day: string): string {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS);
  return next.toISOString().slice(0, 10).replaceAll("-", "");
}

/**
 * The file with one signer more, or with that line in the place of an earlier one about the same person and key. All
 * other lines keep their bytes.
 */
export function withSigner(text: string, file: string, signer: NewSigner): string {
  const line = formatSigner(signer);
  const lines = text.split("\n");
  const listed = parseSigners(text, file).filter(({ fingerprint }) => fingerprint === signer.key.fingerprint);
  const [earlier, again] = listed.filter(({ principal }) => principal === signer.principal);
  if (earlier !== undefined && again !== undefined) {
    // Whatever becomes of one line, the key counts by the other.
    const message = `lines ${earlier.line} and ${again.line} list the same key for ${signer.principal}`;
    throw trustRefusal("signers", file, message, "keep one of them", again.line);
  }
  if (earlier !== undefined) {
    // A line may name several people; to rewrite it would say something about the others.
    const shared = listed.some((one) => one !== earlier && one.line === earlier.line);
    if (!shared) return lines.with(earlier.line - 1, line).join("\n");
    if (signer.until === undefined) return text;
    const message = "this line lists several people for one key";
    throw trustRefusal("signers", file, message, "give each a line", earlier.line);
  }
  const start = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return `${start}${line}\n`;
}

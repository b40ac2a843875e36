import type { InventoryHost } from "../project/inventory.ts";
import { makeVisible } from "../text/visible.ts";

/** What the lock on a host says of the walk that holds it. */
export interface LockOwner {
  readonly walk: string;
  readonly runbook: string;
  readonly who: string;
  /** The machine that the person sits at. */
  readonly from: string;
  /** ISO time. */
  readonly since: string;
}

/** `break` removes the lock of the walk `seen`, and no other that was put there since. */
export type LockAct = { readonly act: "take" | "release" } | { readonly act: "break"; readonly seen: string };

/** What a host answers. */
export interface LockAnswer {
  /** `ours`: this walk holds it already. `gone`: to be released, and not this walk's any more. */
  readonly state: "taken" | "ours" | "held" | "released" | "gone" | "broken";
  /** Whose the lock is on the host itself; what a holder writes about itself is its word. */
  readonly account: string;
  /** The same for two names of one machine: its boot, and which folder the lock is. */
  readonly place: string | undefined;
  readonly holder: Partial<LockOwner>;
}

/**
 * Step 0: the program that takes, breaks or gives up the lock on a host, for any POSIX shell; what it does is in
 * variables of its own, so that one text is approved.
 *
 * The lock is a folder, since `mkdir` either makes one or fails, and follows no link. It lies in /var/tmp: the same
 * for every account (TMPDIR is not), writable without root (/run/lock is not, on many systems), left alone when
 * somebody logs out (systemd empties a person's part of /dev/shm), and sticky, so that another account can neither
 * remove nor replace it. Its name holds the boot's id: a lock from before a restart locks nothing. A rehearsal
 * on this machine is one person's own, so there it lies in that person's state folder.
 *
 * Whoever has an account on the host can make that folder first. It then locks the walk out, with the account's name
 * said; nothing is ever written through it, and what it holds is read as text, up to 2,000 bytes, and no link in
 * its place is followed. Only its account, or root, can remove it.
 */
export function lockScript(host: Pick<InventoryHost, "transport">): string {
  return `set -f
umask 022
${lockReading(host)}
remove() { if [ -L "$lock" ]; then rm -f "$lock"; else rm -f "$lock/holder" && rmdir "$lock"; fi; }
account() { set -- $(ls -ldi "$lock"); echo "account: $4"; echo "place: $boot/$1"; }
answer() { echo "lock: $1"; }
case $LOCK_ACT in
take)
  if mkdir "$lock" 2>/dev/null; then
    printf '%s\\n' "walk: $LOCK_WALK" "runbook: $LOCK_RUNBOOK" "who: $LOCK_WHO" "from: $LOCK_FROM" \\
      "since: $LOCK_SINCE" >"$lock/holder" || {
      remove; echo "$lock/holder cannot be written: is there room on that disk? (df -h; df -i)" >&2; exit 1; }
    answer taken; account
  elif [ ! -e "$lock" ] && [ ! -L "$lock" ]; then mkdir "$lock"
  elif [ "$(walk)" = "$LOCK_WALK" ]; then answer ours; account
  else answer held; account; holder; fi ;;
break)
  if [ "$(walk)" = "$LOCK_SEEN" ]; then remove; answer broken
  else answer held; account; holder; fi ;;
release)
  if [ "$(walk)" = "$LOCK_WALK" ]; then remove; answer released
  else answer gone; fi ;;
esac`;
}

/**
 * How a shell finds the lock and what it says. It stands in the wrapper of a step too, so it holds no quote, backslash
 * or exclamation mark; see host-wrapper.ts.
 */
export function lockReading(host: Pick<InventoryHost, "transport">): string {
  return `boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.bootsessionuuid 2>/dev/null || echo boot)
lock=${lockPlace(host)}$boot
holder() {
  if [ -L "$lock" ] || [ -L "$lock/holder" ]; then return 0; fi
  if [ -f "$lock/holder" ]; then head -c 2000 "$lock/holder"; fi
}
walk() { holder | sed -n "s/^walk: //p" | head -n 1; }`;
}

/** Where the lock lies, for a shell; the boot's id follows. */
function lockPlace({ transport }: Pick<InventoryHost, "transport">): string {
  return transport === "local"
    ? `\${XDG_STATE_HOME:-$HOME/.local/state}/vibeops/host-walk-`
    : "/var/tmp/vibeops-walk-";
}

/** What a person types on a host to remove this walk's lock, however it got there, and none that was taken since. */
export function lockRemoval(walk: string): string {
  const places = (["ssh", "local"] as const).map((transport) => `"${lockPlace({ transport })}"*`);
  const own = `grep -qsx 'walk: ${walk}' "$lock/holder"`;
  return `for lock in ${places.join(" ")}; do if ${own}; then rm -r "$lock"; fi; done`;
}

/** The variables that tell the script what to do. Each is one line. */
export function lockVariables(owner: LockOwner, act: LockAct): Record<string, string> {
  const variables = {
    LOCK_ACT: act.act,
    LOCK_WALK: owner.walk,
    LOCK_RUNBOOK: owner.runbook,
    LOCK_WHO: owner.who,
    LOCK_FROM: owner.from,
    LOCK_SINCE: owner.since,
    LOCK_SEEN: act.act === "break" ? act.seen : "",
  };
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, oneLine(value)]));
}

const ANSWER = /^lock: (taken|ours|held|released|gone|broken)$/;
const KEYS = ["walk", "runbook", "who", "from", "since"] as const;

/** Reads a host's answer, also among other text that a person pasted with it; null where there is none. */
export function parseLockAnswer(text: string): LockAnswer | null {
  const lines = text.split("\n").map((line) => line.trim());
  const at = lines.findLastIndex((line) => ANSWER.test(line));
  const state = ANSWER.exec(lines[at] ?? "")?.[1];
  if (state === undefined) return null;
  const rest = lines.slice(at + 1);
  const value = (key: string) => {
    const line = rest.find((one) => one.startsWith(`${key}: `));
    return line === undefined ? undefined : oneLine(line.slice(key.length + 2));
  };
  const known = KEYS.flatMap((key) => {
    const text = value(key);
    return text === undefined ? [] : [[key, text] as const];
  });
  return {
    state: state as LockAnswer["state"],
    account: value("account") ?? "nobody knows whom",
    place: value("place"),
    holder: Object.fromEntries(known),
  };
}

/** Who holds a lock, as the middle of a sentence. */
export function describeHolder({ account, holder }: LockAnswer): string {
  if (holder.walk === undefined) return `something of account ${account} that names no walk`;
  const { walk, who, from, since } = holder;
  return `${who ?? "somebody"} from ${from ?? "nowhere"} since ${since ?? "some time"}, walk ${walk} (account ${account})`;
}

const LONGEST_VALUE = 200;

function oneLine(text: string): string {
  return makeVisible(text.slice(0, LONGEST_VALUE), { newlines: false });
}

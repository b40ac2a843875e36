import type { InventoryHost } from "../project/inventory.ts";
import { lockReading } from "./host-lock.ts";

/**
 * The program that stands between a connection and a step, for any POSIX shell (dash, bash, busybox, macOS).
 *
 * It reads a token from the first line of standard input, says "begin" on standard output, since a login shell may
 * have printed a greeting there, and "ready" on standard error, reads exactly `size` bytes of script into
 * a file that only we can read, compares their hash, and runs the file with `sh -eu` in a session and process
 * group of its own, its standard input empty. Where a walk is named whose lock is on the host no more, nothing runs. The step's output goes through two pipes of the wrapper's own: it
 * never holds the connection, so what it leaves running in the background cannot hold it open either. Once the
 * step's shell has ended, the pipes have three seconds more.
 *
 * It ends the whole group (TERM, and KILL after five seconds) when standard input ends (Ctrl-C, a dead laptop, a
 * cut line), when nothing has come in for `silence` seconds (a line that died without a word; the caller sends a
 * beat now and then), and when the time is over.
 *
 * Its other words go to standard error, each on a line that begins with the token. The token is in no argument, no
 * environment and no file, and no descriptor of ours is open in the step, so a step that prints what looks like
 * our words prints output. What is left: a process of the same user that may trace the wrapper (root, or where
 * the kernel lets any process of a user do so) can read its memory, or end it and take its place.
 *
 * Arguments: size, sha256, seconds, silence, and the walk, or nothing where it takes no lock. It holds no quote, backslash or exclamation mark that another login
 * shell could take for its own.
 */
export function hostWrapper(host: Pick<InventoryHost, "transport">): string {
  return `set +a +x
unset token
size=$1 want=$2 limit=$3 silence=$4 ours=$5
umask 077
IFS= read -r token || exit 97
dir=$(mktemp -d "\${TMPDIR:-/tmp}/vibeops.XXXXXX") || exit 97
leave() { rm -rf "$dir"; }
trap leave EXIT
trap : INT HUP
mkfifo "$dir/out" "$dir/err" || exit 97
exec 3<&0 4>&2 </dev/null
say() { echo "" >&4; echo "$token $1" >&4; }
echo ""
echo "$token begin"
say ready
head -c "$size" <&3 >"$dir/step"
if command -v sha256sum >/dev/null 2>&1; then got=$(sha256sum <"$dir/step"); else got=$(shasum -a 256 <"$dir/step"); fi
case "$got" in
  "$want"*) ;;
  *) say refused; exit 98 ;;
esac
if [ -n "$ours" ]; then
${lockReading(host)}
  [ "$(walk)" = "$ours" ] || { say unlocked; exit 96; }
fi
exec 2>/dev/null
(trap "" INT TERM HUP; exec cat <"$dir/out" 3<&- 4>&-) &
out=$!
(trap "" INT TERM HUP; exec cat <"$dir/err" >&4 3<&- 4>&-) &
err=$!
if command -v setsid >/dev/null; then
  setsid sh -eu "$dir/step" >"$dir/out" 2>"$dir/err" 3<&- 4>&- &
else
  set -m
  sh -eu "$dir/step" >"$dir/out" 2>"$dir/err" 3<&- 4>&- &
  set +m
fi
step=$!
end_group() {
  trap "" TERM
  kill -TERM "-$step" || kill -TERM "$step"
  seconds=0
  while [ "$seconds" -lt 5 ] && kill -0 "-$step"; do sleep 1; seconds=$((seconds + 1)); done
  kill -KILL "-$step"
}
(
  trap "quiet=0" USR1
  passed=0 quiet=0
  while [ "$passed" -lt "$limit" ] && [ "$quiet" -lt "$silence" ]; do
    sleep 1
    passed=$((passed + 1)) quiet=$((quiet + 1))
  done
  end_group
  [ "$passed" -lt "$limit" ] && exit 42
  exit 43
) >/dev/null 3<&- 4>&- &
timer=$!
(
  trap : INT HUP
  while read -r beat <&3; do kill -USR1 "$timer"; done
  end_group
  kill -0 "$$" || leave
  exit 41
) >/dev/null 4>&- &
watch=$!
while :; do
  wait "$step"
  code=$?
  kill -0 "$step" || break
done
if [ "$code" -gt 128 ]; then
  wait "$step"
  again=$?
  [ "$again" -eq 127 ] || code=$again
fi
drain() {
  (sleep "$2"; kill -KILL "$1") >/dev/null 3<&- 4>&- &
  patience=$!
  wait "$1"
  kill -KILL "$patience"
}
cause=done
kill -TERM "$watch"
wait "$watch"
[ "$?" -eq 41 ] && cause=eof
kill -TERM "$timer"
wait "$timer"
case "$?" in
  42) cause=silent ;;
  43) cause=late ;;
esac
drain "$out" 2
drain "$err" 1
leave
say "ended $code $cause"
exit "$code"
`;
}

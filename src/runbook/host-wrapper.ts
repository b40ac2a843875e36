/**
 * The program that stands between a connection and a step, for any POSIX shell (dash, bash, busybox, macOS).
 *
 * It says "ready", reads exactly `size` bytes of script from standard input into a file that only we can read,
 * compares their hash, and runs the file with `sh -eu` in a session and process group of its own, its standard
 * input empty. When standard input ends (Ctrl-C, a dead laptop, a cut line) or the time is over, it ends the
 * whole group: TERM, and KILL after five seconds. Its own words go to standard error, each on a line that begins
 * with a token that the caller chose, so that the step cannot speak for it.
 *
 * Arguments: token, size, sha256, seconds. It holds no quote, backslash or exclamation mark that another login
 * shell could take for its own.
 */
export const WRAPPER = `token=$1 size=$2 want=$3 limit=$4
umask 077
say() { echo "" >&2; echo "$token $1" >&2; }
dir=$(mktemp -d "\${TMPDIR:-/tmp}/vibeops.XXXXXX") || exit 97
trap "rm -rf $dir" EXIT
trap : INT TERM HUP
exec 3<&0
say ready
head -c "$size" <&3 >"$dir/step"
if command -v sha256sum >/dev/null 2>&1; then got=$(sha256sum <"$dir/step"); else got=$(shasum -a 256 <"$dir/step"); fi
case "$got" in
  "$want"*) ;;
  *) say refused; exit 98 ;;
esac
say started
if command -v setsid >/dev/null 2>&1; then
  setsid sh -eu "$dir/step" </dev/null 3<&- &
else
  set -m
  sh -eu "$dir/step" </dev/null 3<&- &
  set +m
fi
step=$!
end_group() {
  kill -TERM "-$step" 2>/dev/null || kill -TERM "$step" 2>/dev/null
  seconds=0
  while [ "$seconds" -lt 5 ] && kill -0 "-$step" 2>/dev/null; do sleep 1; seconds=$((seconds + 1)); done
  kill -KILL "-$step" 2>/dev/null
}
(
  trap : INT TERM HUP
  cat <&3 >/dev/null
  [ -d "$dir" ] || exit 0
  echo eof >"$dir/cause"
  end_group
) >/dev/null 2>&1 &
watch=$!
(
  trap "exit 0" TERM
  passed=0
  while [ "$passed" -lt "$limit" ]; do sleep 1; passed=$((passed + 1)); done
  echo late >"$dir/cause"
  end_group
) >/dev/null 2>&1 3<&- &
timer=$!
while :; do
  wait "$step"
  code=$?
  kill -0 "$step" 2>/dev/null || break
done
if [ "$code" -gt 128 ]; then
  wait "$step"
  again=$?
  [ "$again" -eq 127 ] || code=$again
fi
cause=done
[ -f "$dir/cause" ] && cause=$(cat "$dir/cause")
case "$cause" in
  eof) wait "$watch" ;;
  late) wait "$timer" ;;
esac
rm -rf "$dir"
kill -TERM "$timer" 2>/dev/null
say "ended $code $cause"
exit "$code"
`;

/**
 * A dump on a host: the file, and beside it `<file>.vibeops` with its hash and the runbook that made it. It gets
 * its name only when it is whole.
 */
export const BACKUP_FUNCTIONS = `sum_of() {
  if command -v sha256sum >/dev/null 2>&1; then sum=$(sha256sum <"$1"); else sum=$(shasum -a 256 <"$1"); fi
  echo "\${sum%% *}"
}
is_whole() {
  noted=$(sed -n 's/^sha256: //p' "$1.vibeops")
  if [ -s "$1" ] && [ "$noted" = "$(sum_of "$1")" ]; then return 0; fi
  echo "$1 is not the backup that was made" >&2
  return 1
}
`;

/** Arguments: file, runbook. An earlier backup of somebody else is never overwritten. */
export const MAY_WRITE_FUNCTION = `may_write() {
  if [ ! -e "$1" ] && [ ! -h "$1" ]; then return 0; fi
  if [ -f "$1.vibeops" ] && grep -qxF -e "runbook: $2" "$1.vibeops"; then return 0; fi
  echo "$1 is there already, and this runbook did not make it" >&2
  exit 1
}
`;

/** Arguments: file, runbook; the dump lies in `<file>.vibeops-new`. */
export const KEEP_BACKUP_FUNCTION = `keep_backup() {
  { echo "sha256: $(sum_of "$1.vibeops-new")"; echo "runbook: $2"; } >"$1.vibeops-note"
  mv -f "$1.vibeops-note" "$1.vibeops"
  mv -f "$1.vibeops-new" "$1"
}
`;

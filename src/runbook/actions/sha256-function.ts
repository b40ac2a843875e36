/** Arguments: file, sha256. */
export const SHA256_FUNCTION = `is_sha256() {
  if command -v sha256sum >/dev/null 2>&1; then found=$(sha256sum <"$1"); else found=$(shasum -a 256 <"$1"); fi
  if [ "\${found%% *}" = "$2" ]; then return 0; fi
  echo "$1 is not what was approved" >&2
  return 1
}
`;

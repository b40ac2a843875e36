/** Arguments: link, target. GNU and busybox replace a link to a folder with -T, BSD and macOS with -h. */
export const POINT_FUNCTION = `point() {
  rm -f "$1.vibeops-new"
  ln -s "$2" "$1.vibeops-new"
  mv -fT "$1.vibeops-new" "$1" 2>/dev/null && return 0
  mv -fh "$1.vibeops-new" "$1" 2>/dev/null && return 0
  rm -f "$1"
  mv "$1.vibeops-new" "$1"
}
`;

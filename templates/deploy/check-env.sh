check_file() {
  file=$1
  shift
  test -r "$file" || { echo "missing: $file" >&2; exit 1; }
  case $(ls -ln "$file") in
    -???------*) ;;
    *) echo "others may read $file; run: chmod 600 $file" >&2; exit 1 ;;
  esac
  for name in "$@"; do
    grep "^$name=." "$file" | grep -Evq "^$name=(\"\"|''|[[:space:]]*)([[:space:]]+#.*|[[:space:]]*)\$" ||
      { echo "no value in $file: $name" >&2; exit 1; }
  done
}
{{#checks}}
{{.}}
{{/checks}}
echo "all variables have values"

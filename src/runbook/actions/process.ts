/**
 * Shell functions for hosts that run a service as a plain process, without a container engine: a rehearsal on a
 * laptop. `<directory>/<name>.pid` holds the process id and the time it was started, so that after a reboot a
 * stranger with the same id is left alone.
 */
export const PROCESS_FUNCTIONS = `started_at() {
  ps -o lstart= -p "$1" 2>/dev/null || true
}
is_running() {
  [ -f "$1" ] || return 1
  pid=$(sed -n 1p "$1")
  kill -0 "$pid" 2>/dev/null && [ "$(started_at "$pid")" = "$(sed -n 2p "$1")" ]
}
`;

/** Argument: pid file. Asks the process to end, and after ten seconds ends it. */
export const STOP_FUNCTION = `stop() {
  if is_running "$1"; then
    kill "$pid"
    seconds=0
    while is_running "$1" && [ "$seconds" -lt 10 ]; do
      sleep 1
      seconds=$((seconds + 1))
    done
    if is_running "$1"; then kill -9 "$pid"; fi
  fi
  rm -f "$1"
}
`;

/** Arguments: start script, log, pid file. */
export const START_FUNCTION = `start() {
  nohup sh "$1" >>"$2" 2>&1 </dev/null &
  { echo "$!"; started_at "$!"; } >"$3"
}
`;

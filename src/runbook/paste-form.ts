/** To be pasted as it stands: a shell of its own with the rules that the engine gives a step, `exit` included. */
export function pasteForm(script: string): string {
  const lines = new Set(script.split("\n"));
  const end = unused("VIBEOPS_PASTE", "_", (word) => lines.has(word));
  const [read, text] = script.includes("\t") ? withoutTabs(script) : ["cat", script];
  return `(umask 077; exec sh -eu -c "$(${read} <<'${end}'\n${text}\n${end}\n)" </dev/null)`;
}

/** A terminal that is copied from gives spaces for a tab, and a shell that is pasted into completes words at one. */
function withoutTabs(script: string): [string, string] {
  const mark = `<${unused("TAB", "_", (word) => script.includes(`<${word}>`))}>`;
  return [`LC_ALL=C sed "s/${mark}/$(printf '\\t')/g"`, script.replaceAll("\t", mark)];
}

function unused(word: string, suffix: string, isUsed: (word: string) => boolean): string {
  return isUsed(word) ? unused(`${word}${suffix}`, suffix, isUsed) : word;
}

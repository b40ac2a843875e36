/**
 * To be pasted as it stands: a shell of its own with the rules that the engine gives a step, `exit` included. The script
 * comes to that shell through a here-document: as an argument it could be no longer than 128 KiB.
 */
export function pasteForm(script: string): string {
  const lines = new Set(script.split("\n"));
  const end = unused("VIBEOPS_PASTE", "_", (word) => lines.has(word));
  const [read, text] = script.includes("\t") ? withoutTabs(script) : ["cat", script];
  return `(umask 077; exec sh -eu -c 'eval "$(${read} <&3)" 3<&-' </dev/null 3<<'${end}'\n${text}\n${end}\n)`;
}

/** A terminal that is copied from gives spaces for a tab, and a shell that is pasted into completes words at one. */
function withoutTabs(script: string): [string, string] {
  const mark = `<${unused("TAB", "_", (word) => script.includes(`<${word}>`))}>`;
  return [`LC_ALL=C sed "s/${mark}/$(printf "\\\\t")/g"`, script.replaceAll("\t", mark)];
}

function unused(word: string, suffix: string, isUsed: (word: string) => boolean): string {
  return isUsed(word) ? unused(`${word}${suffix}`, suffix, isUsed) : word;
}

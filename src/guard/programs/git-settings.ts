import type { Call, Judge } from "../call.ts";
import { showMarkers } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { opaque, type Verdict, worst } from "../verdict.ts";

/** Settings that only change how git looks or who commits. All others may run a program or redirect one. */
const harmlessSetting =
  /^(user\.(name|email)|author\.(name|email)|committer\.(name|email)|color\.|init\.defaultbranch|advice\.|commit\.(gpgsign=(false|0|no)|verbose)|tag\.gpgsign=false|core\.(quotepath|autocrlf|safecrlf|ignorecase|filemode|abbrev|whitespace|pager=(cat|less)?$)|push\.default|pull\.(rebase|ff)|merge\.(conflictstyle|ff)|diff\.(algorithm|renames|colormoved|mnemonicprefix|noprefix|context)|log\.|status\.|rebase\.(autosquash|autostash)|fetch\.prune|branch\.sort|column\.|help\.autocorrect=0|rerere\.enabled|gc\.auto|safe\.directory|protocol\.file\.allow|pager\.\w+=(false|cat))/;

const asksSetting = /^(--get|--get-all|--get-regexp|--get-urlmatch|--list|-l|get|list)$/;
const changesElsewhere =
  /^(--global|--system|-f|--file|-e|--edit|--blob|--unset|--unset-all|--remove-section|--rename-section|--replace-all|unset)/;

/** `git config`: what it asks is local; what it sets may not be. */
export const configure: Judge = ({ args }) => {
  if (args.some((arg) => asksSetting.test(arg))) return null;
  const { operands } = parseOptions(args, { values: "-f --file --type --default" });
  const [key = "", value] = operands[0] === "set" ? operands.slice(1) : operands;
  const isElsewhere = args.some((arg) => changesElsewhere.test(arg));
  if (args[0] === "--unset" && /^user\.(name|email)$/.test(args[1] ?? "")) return null;
  if (!isElsewhere && value === undefined) return null;
  if (!isElsewhere && harmlessSetting.test(`${key.toLowerCase()}=${value ?? ""}`)) return null;
  return opaque(`The setting "${showMarkers(key)}" may change what git runs, or the trail.`, key);
};

/** `-c key=value`: what could be a command is read as one. */
export function judgeSetting(call: Call, setting: string): Verdict | null {
  if (harmlessSetting.test(setting.toLowerCase())) return null;
  const value = setting.slice(setting.indexOf("=") + 1).replace(/^!/, "");
  const inner = /\s/.test(value) ? call.world.judgeScript(value, { kind: "none" }) : null;
  return worst(opaque(`The setting "${showMarkers(setting)}" may change what git runs.`, "-c"), inner);
}

import { join } from "node:path";
import { parse } from "jsonc-parser";
import type { Context } from "../../platform/context.ts";
import { readIfExists } from "../../platform/files.ts";
import { guardLine } from "./settings.ts";
import { settingsTarget } from "./settings-target.ts";
import type { Vendor } from "./vendor.ts";

/** What keeps a vendor from running the hooks that stand in its settings, and where it stands. */
export interface SwitchedOff {
  /** Absolute. */
  readonly file: string;
  /** As it is written there. */
  readonly setting: string;
}

/**
 * Whether somebody switched a vendor's hooks off, for this project or for all of theirs. Where several files say it, the
 * one that is nearer counts, as it does for the vendor.
 */
export function findSwitchedOff(vendor: Vendor, root: string, env: Context["env"]): SwitchedOff | null {
  const home = env.HOME ?? "";
  if (vendor === "claude") {
    const folder = env.CLAUDE_CONFIG_DIR ?? join(home, ".claude");
    const files = [
      join(folder, "settings.json"),
      join(root, ".claude/settings.json"),
      join(root, ".claude/settings.local.json"),
    ];
    return findLast(files, ["disableAllHooks"], true);
  }
  if (vendor === "codex") {
    const folder = env.CODEX_HOME ?? join(home, ".codex");
    return findLastFeature([join(folder, "config.toml"), join(root, ".codex/config.toml")]);
  }
  const files = [join(home, ".gemini/settings.json"), join(root, ".gemini/settings.json")];
  return findLast(files, ["hooksConfig", "enabled"], false) ?? findDisabledGuard(files);
}

/** By the last of the files that says anything under the key. */
function findLast(files: readonly string[], at: readonly string[], off: boolean): SwitchedOff | null {
  const file = files.findLast((one) => typeof valueIn(one, at) === "boolean");
  if (file === undefined || valueIn(file, at) !== off) return null;
  return { file, setting: `${at.join(".")}: ${off}` };
}

/** Gemini CLI can leave out single hooks, by their names or their lines; its files' lists count together. */
function findDisabledGuard(files: readonly string[]): SwitchedOff | null {
  const names: readonly unknown[] = ["vibeops-guard", guardLine("vibeops", "gemini")];
  const at = ["hooksConfig", "disabled"];
  const file = files.find((one) => {
    const disabled = valueIn(one, at);
    return Array.isArray(disabled) && disabled.some((name) => names.includes(name));
  });
  return file === undefined ? null : { file, setting: `vibeops-guard in ${at.join(".")}` };
}

/** Codex: `hooks` under `[features]`, in either way of writing it, and under its earlier name. */
function findLastFeature(files: readonly string[]): SwitchedOff | null {
  const feature =
    /(?:^[ \t]*\[[ \t]*features[ \t]*\](?:(?!^[ \t]*\[)[\s\S])*?^[ \t]*|^[ \t]*features[ \t]*\.[ \t]*)((?:codex_)?hooks)[ \t]*=[ \t]*(true|false)\b/m;
  const found = files.flatMap((file) => {
    const [, name, value] = feature.exec(textOf(file)) ?? [];
    return value === undefined ? [] : [{ file, setting: `features.${name} = ${value}` }];
  });
  const last = found.at(-1);
  return last?.setting.endsWith("false") === true ? last : null;
}

function valueIn(file: string, at: readonly string[]): unknown {
  return at.reduce<unknown>(
    (value, key) => {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
      return (value as Readonly<Record<string, unknown>>)[key];
    },
    parse(textOf(file)),
  );
}

function textOf(file: string): string {
  return (
    readIfExists(settingsTarget(file))
      ?.toString("utf8")
      .replace(/^\uFEFF/, "") ?? ""
  );
}

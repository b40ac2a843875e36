import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { VibeopsError } from "../../../errors.ts";
import type { Context } from "../../../platform/context.ts";
import { runProcess } from "../../../platform/process.ts";
import { redactSecrets } from "../../../text/secrets.ts";
import type { Problem, RuleInfo } from "../rule.ts";
import type { Source } from "../source.ts";

export const caddyInvalid: RuleInfo = {
  id: "caddy.invalid",
  level: "error",
  summary: "`caddy validate` accepts the file",
  why: "Caddy keeps its old configuration at a reload, and does not come up at a start.",
};

export const caddyFormat: RuleInfo = {
  id: "caddy.format",
  level: "warning",
  summary: "the file is written as `caddy fmt` writes it",
  why: "Caddy warns at each reload, and a diff shows more than what changed.",
};

export interface Validation {
  readonly problems: readonly (Problem & { readonly rule: string })[];
  /** Why Caddy was not asked, or not about everything. */
  readonly note?: string;
}

const TIMEOUT_MS = 20_000;

/**
 * Asks the `caddy` program, where there is one. The file is translated first and validated without its logging: to
 * validate is to set up, and Caddy opens the log files that a stranger's configuration names. What it keeps goes into
 * a folder that is thrown away.
 */
export async function validateCaddyfile(source: Source, env: Context["env"]): Promise<Validation> {
  const name = basename(source.path);
  const variable = /\{\$\w+\}/.exec(source.text.replaceAll(/(?:^|\s)#.*$/gm, ""))?.[0];
  if (variable !== undefined)
    return {
      problems: [],
      note: `${name} was not given to caddy: only where it runs ${variable} has a value`,
    };
  const home = mkdtempSync(join(tmpdir(), "vibeops-caddy-"));
  try {
    return await ask(
      source,
      { PATH: env.PATH, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
      home,
    );
  } catch (error) {
    if (!(error instanceof VibeopsError) || !/^(?:process|program)\./.test(error.code)) throw error;
    return {
      problems: [],
      note: `caddy validate was left out (${error.message}); only our own rules were held against ${name}`,
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function ask(source: Source, env: Context["env"], home: string): Promise<Validation> {
  // Beside the file, so that what it imports is found.
  const options = { cwd: dirname(source.path), env, timeoutMs: TIMEOUT_MS };
  const args = ["--adapter", "caddyfile"];
  const inPlace = await runProcess("caddy", ["adapt", "--config", source.path, ...args], options);
  const isSite = !/^Caddyfile/i.test(basename(source.path));
  if (inPlace.exitCode !== 0 && isSite && /to import not found/.test(inPlace.stderr))
    return {
      problems: [],
      note: `${basename(source.path)} was not given to caddy: it imports a snippet of another file`,
    };
  if (inPlace.exitCode !== 0) return { problems: [invalid(source, inPlace.stderr)] };
  const problems = /input is not formatted/.test(inPlace.stderr) ? [unformatted(source, inPlace.stderr)] : [];
  const config = join(home, "config.json");
  writeFileSync(config, withoutLogging(inPlace.stdout));
  const result = await runProcess("caddy", ["validate", "--config", config], options);
  return { problems: result.exitCode === 0 ? problems : [...problems, invalid(source, result.stderr)] };
}

function withoutLogging(json: string): string {
  const config = JSON.parse(json) as Record<string, unknown> | null;
  return JSON.stringify({ ...config, logging: undefined, admin: { disabled: true }, storage: undefined });
}

/** `Error: Caddyfile:2: unrecognized directive: x` */
function invalid(source: Source, stderr: string): Problem & { rule: string } {
  const text = /^Error: (.*)/m.exec(stderr)?.[1] ?? "caddy did not say why";
  const line = Number(/:(\d+)(?::| - |,|$)/.exec(text)?.[1] ?? 1);
  const words = text.replaceAll(source.path, basename(source.path)).slice(0, 400);
  return {
    rule: caddyInvalid.id,
    spot: { source, offset: offsetOfLine(source, line) },
    message: `caddy: ${redactSecrets(words)}`,
    fix: "correct it here, then look again with: caddy validate --config FILE",
  };
}

function unformatted(source: Source, stderr: string): Problem & { rule: string } {
  const line = Number(/not formatted[^\n]*?"line":(\d+)/.exec(stderr)?.[1] ?? 1);
  return {
    rule: caddyFormat.id,
    spot: { source, offset: offsetOfLine(source, line) },
    message: "the file is not written as caddy fmt writes it",
    fix: `run: caddy fmt --overwrite ${basename(source.path)}`,
  };
}

/** A file may have fewer lines than an imported one that Caddy speaks of. */
function offsetOfLine({ text }: Source, line: number): number {
  let offset = 0;
  for (let at = 1; at < line; at += 1) {
    const newline = text.indexOf("\n", offset);
    if (newline < 0) return 0;
    offset = newline + 1;
  }
  return offset;
}

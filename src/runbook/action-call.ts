import { Exit, VibeopsError } from "../errors.ts";
import type { Fence } from "../text/blocks.ts";
import { parseDuration } from "../text/duration.ts";
import { nearest } from "../text/similar.ts";
import { type ReceivedMap, type ReceivedYaml, readReceivedYaml } from "../text/yaml-received.ts";
import { findTwice } from "./fence-info.ts";
import type { ActionCall } from "./runbook.ts";

const KEYS = ["use", "host", "together", "timeout", "delegated", "with"];

/** Reads a `yaml action` fence: use, host, together, with, timeout, delegated. @throws VibeopsError `runbook.action` */
export function readActionCall(fence: Fence, file: string): ActionCall {
  const yaml = readReceivedYaml(fence.content, { file, firstLine: fence.line + 1, code: "runbook" });
  const { value } = yaml;
  if (typeof value !== "object" || Array.isArray(value)) {
    throw refuse(file, fence.line, "the action is not a list of keys", "write: use: compose.up");
  }
  for (const key of Object.keys(value)) {
    if (KEYS.includes(key)) continue;
    const near = nearest(key, KEYS);
    const fix = near === undefined ? `known keys: ${KEYS.join(", ")}` : `did you mean ${near}?`;
    throw refuse(file, yaml.lineOf([key]) ?? fence.line, `unknown key '${key}' in an action`, fix);
  }
  const timeout = value.timeout === undefined ? undefined : readTimeout(yaml, value, fence, file);
  return {
    use: readWord(yaml, value, "use", fence, file),
    hosts: readHosts(yaml, value, fence, file),
    together: readSwitch(yaml, value, "together", fence, file),
    with: value.with ?? {},
    ...(timeout === undefined ? {} : { timeout }),
    ...(readSwitch(yaml, value, "delegated", fence, file) ? { delegated: true as const } : {}),
    line: fence.line,
    start: fence.start,
    end: fence.end,
  };
}

function readWord(yaml: ReceivedYaml, map: ReceivedMap, key: string, fence: Fence, file: string): string {
  const value = map[key];
  if (typeof value === "string" && value !== "") return value;
  throw refuse(file, yaml.lineOf([key]) ?? fence.line, `the action has no ${key}`, `add a line: ${key}: …`);
}

/** `host: web1`, or `host: [web1, web2]`. */
function readHosts(yaml: ReceivedYaml, map: ReceivedMap, fence: Fence, file: string): string[] {
  const named = Array.isArray(map.host) ? map.host : [readWord(yaml, map, "host", fence, file)];
  const hosts = named.filter((host): host is string => typeof host === "string" && /^[^\s,]+$/.test(host));
  const line = yaml.lineOf(["host"]) ?? fence.line;
  if (hosts.length === 0 || hosts.length < named.length) {
    throw refuse(file, line, "host is a name or a list of names", "write: host: [web1, web2]");
  }
  const twice = findTwice(hosts);
  if (twice === undefined) return hosts;
  throw refuse(file, line, `host ${twice} stands here twice`, "keep one of them");
}

function readTimeout(yaml: ReceivedYaml, map: ReceivedMap, fence: Fence, file: string): string {
  const { timeout } = map;
  if (typeof timeout === "string" && parseDuration(timeout) !== null) return timeout;
  throw refuse(
    file,
    yaml.lineOf(["timeout"]) ?? fence.line,
    "timeout is no length of time",
    "write: timeout: 5m",
  );
}

function readSwitch(yaml: ReceivedYaml, map: ReceivedMap, key: string, fence: Fence, file: string): boolean {
  const value = map[key];
  if (value === undefined || value === "false") return false;
  if (value === "true") return true;
  const line = yaml.lineOf([key]) ?? fence.line;
  throw refuse(file, line, `${key} is true or false`, `write: ${key}: true`);
}

function refuse(file: string, line: number, message: string, fix: string): VibeopsError {
  return new VibeopsError({ code: "runbook.action", exit: Exit.invalid, message, file, line, fix });
}

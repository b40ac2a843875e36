/** A host that somebody's output names. */
export interface FoundHost {
  readonly name: string;
  readonly address?: string | undefined;
  /** As Compose writes it: `8g`, `7954m`. */
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
  readonly note?: string | undefined;
}

/** A service that somebody's output names. */
export interface FoundService {
  readonly name: string;
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
  readonly ports?: readonly string[] | undefined;
  readonly volumes?: readonly string[] | undefined;
  readonly restart?: string | undefined;
}

export interface Found {
  /** What was recognised, in words: `docker compose ls`. */
  readonly form: string;
  readonly hosts: readonly FoundHost[];
  readonly services: readonly FoundService[];
}

/** A value of JSON of which nothing is known yet. */
export type Json = unknown;

export function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function recordAt(value: Json, ...path: readonly string[]): Readonly<Record<string, Json>> {
  const found = valueAt(value, ...path);
  return isRecord(found) ? found : {};
}

export function valueAt(value: Json, ...path: readonly string[]): Json {
  let at = value;
  for (const key of path) at = isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return at;
}

export function textAt(value: Json, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

export function numberAt(value: Json, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "number" && Number.isFinite(found) && found > 0 ? found : undefined;
}

export function listAt(value: Json, ...path: readonly string[]): readonly Json[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** `512m`, `8g`: bytes as Compose writes them, rounded up to whole mebibytes. */
export function writeBytes(bytes: number): string {
  const mebibytes = Math.ceil(bytes / 1024 ** 2);
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}g` : `${mebibytes}m`;
}

/** The same once, in the order of first sight; undefined where there is none. */
export function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : [...new Set(values)];
}

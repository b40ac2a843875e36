import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { ComposeError, notCarriedOut } from "./compose-error.ts";
import type { Project } from "./project.ts";
import { checkKeys, type Mapping, readList, readMapping, readText, readTexts } from "./values.ts";

export interface MountPlan {
  volumes: Mapping[];
  tmpfs: string[];
  /** The named volumes in use, by their full names. */
  declared: Record<string, Mapping>;
  /** Of the files behind secrets and configs, whose changes recreate the container. */
  contentHashes: string[];
}

export function planMounts(project: Project, service: string, raw: Mapping): MountPlan {
  const place = `services.${service}.volumes`;
  const plan: MountPlan = { volumes: [], tmpfs: [], declared: {}, contentHashes: [] };
  for (const [index, entry] of readList(raw.volumes, place).entries()) {
    const at = `${place}.${index}`;
    const mount = typeof entry === "string" ? parseShortMount(entry, at) : readMapping(entry, at);
    addMount(plan, project, service, mount, at);
  }
  plan.tmpfs.push(...readTexts(raw.tmpfs, `services.${service}.tmpfs`).map(translateTmpfs));
  addGivenFiles(plan, project, service, raw, "secrets");
  addGivenFiles(plan, project, service, raw, "configs");
  return plan;
}

function parseShortMount(text: string, place: string): Mapping {
  const parts = text.split(":");
  const [source, target, mode = ""] = parts.length === 1 ? [undefined, parts[0]] : parts;
  if (parts.length > 3 || !target?.startsWith("/")) throw new ComposeError(`${place}: invalid spec: ${text}`);
  const options = mode.split(",").filter(Boolean);
  // z and Z are for SELinux and cached and its like for Docker Desktop: they change nothing here.
  const unknown = options.find((one) => !/^(ro|rw|z|Z|cached|delegated|consistent)$/.test(one));
  if (unknown !== undefined) throw notCarriedOut(`${place}: the mount option ${unknown}`);
  return {
    type: source !== undefined && /^[./~]/.test(source) ? "bind" : "volume",
    source,
    target,
    read_only: options.includes("ro"),
  };
}

function addMount(plan: MountPlan, project: Project, service: string, mount: Mapping, place: string): void {
  const known = ["volume", "consistency", "image"];
  checkKeys(mount, place, ["type", "source", "target", "read_only", "bind", "tmpfs"], known, notCarriedOut);
  const target = readText(mount.target, `${place}.target`);
  const readOnly = mount.read_only === true ? { read_only: true } : {};
  const source = mount.source === undefined ? undefined : readText(mount.source, place);
  if (mount.type === "bind") {
    const path = (source ?? "").replace(/^~(?=\/|$)/, homedir());
    plan.volumes.push({ type: "bind", source: resolve(project.directory, path), target, ...readOnly });
  } else if (mount.type === "volume") {
    if (source !== undefined) plan.declared[source] = declareVolume(project, service, source);
    plan.volumes.push({ type: "volume", ...(source === undefined ? {} : { source }), target, ...readOnly });
  } else if (mount.type === "tmpfs") {
    const { size, mode } = readMapping(mount.tmpfs, `${place}.tmpfs`);
    const options = [size === undefined ? [] : [`size=${size}`], mode === undefined ? [] : [`mode=${mode}`]];
    plan.tmpfs.push([target, options.flat().join(",")].filter(Boolean).join(":"));
  } else {
    throw notCarriedOut(`${place}.type ${String(mount.type)}`);
  }
}

function declareVolume(project: Project, service: string, name: string): Mapping {
  const volume = project.volumes[name];
  if (volume === undefined) {
    throw new ComposeError(
      `service "${service}" refers to undefined volume ${name}: invalid compose project`,
    );
  }
  const place = `volumes.${name}`;
  checkKeys(volume, place, ["name", "driver", "external", "labels"], ["driver_opts"], notCarriedOut);
  if ((volume.driver ?? "local") !== "local") throw notCarriedOut(`${place}.driver`);
  const external = volume.external === true;
  return {
    name: readText(volume.name ?? (external ? name : `${project.name}_${name}`), place),
    ...(external ? { external: true } : {}),
    ...(volume.labels === undefined ? {} : { labels: volume.labels }),
  };
}

/** podman knows no owner of a tmpfs; what is mounted is writable for everyone, with the sticky bit. */
function translateTmpfs(text: string): string {
  const [path = "", options = ""] = text.split(":");
  const kept = options.split(",").filter((one) => one !== "" && !/^[ug]id=/.test(one));
  return kept.length > 0 ? `${path}:${kept.join(",")}` : path;
}

function addGivenFiles(
  plan: MountPlan,
  project: Project,
  service: string,
  raw: Mapping,
  kind: "secrets" | "configs",
): void {
  const place = `services.${service}.${kind}`;
  for (const [index, entry] of readList(raw[kind], place).entries()) {
    const wanted = typeof entry === "string" ? { source: entry } : readMapping(entry, `${place}.${index}`);
    const source = readText(wanted.source, `${place}.${index}.source`);
    const declared = project[kind][source];
    if (declared === undefined) {
      throw new ComposeError(
        `service "${service}" refers to undefined ${kind.slice(0, -1)} ${source}: invalid compose project`,
      );
    }
    if (declared.file === undefined) throw notCarriedOut(`${kind}.${source} without a file`);
    const path = resolve(project.directory, readText(declared.file, `${kind}.${source}.file`));
    if (!existsSync(path)) throw new ComposeError(`${kind}.${source}: ${path}: no such file or directory`);
    const name = wanted.target === undefined ? source : readText(wanted.target, place);
    const target = resolve(kind === "secrets" ? "/run/secrets" : "/", name);
    plan.volumes.push({ type: "bind", source: path, target, read_only: true });
    plan.contentHashes.push(createHash("sha256").update(readFileSync(path)).digest("hex"));
  }
}

import { oneLine } from "../../session/brief-text.ts";
import type { ProjectStatus } from "../../session/project-status.ts";
import { clipToWidth } from "../../text/wrap.ts";

/** By its folder, what tells a project from the others of its name; nothing of one that has its name alone. */
export type Ends = ReadonlyMap<string, string>;

/** Work trees and clones of one project call themselves alike: as much of each folder as tells them apart. */
export function findEnds(projects: readonly Pick<ProjectStatus, "name" | "root">[]): Ends {
  const byName = new Map<string, string[]>();
  for (const { name, root } of projects) byName.set(name, [...(byName.get(name) ?? []), root]);
  const alike = [...byName.values()].filter((roots) => roots.length > 1);
  return new Map(alike.flatMap((roots) => roots.map((root) => [root, distinctEnd(root, roots)])));
}

/** The last folders of a path, as many as no other path ends with. */
function distinctEnd(path: string, all: readonly string[]): string {
  const parts = path.split("/");
  for (let count = 1; count < parts.length; count += 1) {
    const end = parts.slice(-count).join("/");
    if (!all.some((other) => other !== path && other.endsWith(`/${end}`))) return end;
  }
  return path;
}

const WIDEST_END = 30;

/** A project's name in a line, at most so many columns wide, and where others have it what tells it from them. */
export function shownName(name: string, end: string | undefined, widest: number): string {
  const shown = clipToWidth(oneLine(name, 70), widest);
  return end === undefined ? shown : `${shown} (${clipToWidth(oneLine(end, 70), WIDEST_END)})`;
}

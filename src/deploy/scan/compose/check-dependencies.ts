import { byName } from "../../compose-file/by-name.ts";
import type { ComposeProject } from "../../compose-file/project.ts";
import { at, entriesOf, type LocatedMap, textOf } from "../../located/located.ts";
import type { Findings } from "../findings.ts";

/** `depends_on` that names nobody, and circles in it: Compose starts neither. */
export function checkDependencies(project: ComposeProject, findings: Findings): void {
  const wanted = new Map([...project.services].map(([name, service]) => [name, listWanted(service.body)]));
  const done = new Set<string>();
  for (const [name, entries] of wanted) {
    for (const [other, { key, value }] of entries) {
      // What was not read may define it, and Compose starts without what is not required.
      if (wanted.has(other) || !project.isComplete || textOf(at(value, "required")) === "false") continue;
      findings.add(
        "scan.depends-on",
        "warning",
        `'${name}' depends on '${other}', which no file defines`,
        key,
      );
    }
    findCircle(name, wanted, done, findings);
  }
}

type Wanted = ReturnType<typeof listWanted>;

function listWanted(body: LocatedMap) {
  const node = at(body, "depends_on");
  return entriesOf(node === undefined ? undefined : byName(node));
}

/** Depth first without recursion: a chain may be as long as the file. */
function findCircle(
  start: string,
  wanted: ReadonlyMap<string, Wanted>,
  done: Set<string>,
  findings: Findings,
): void {
  const path: { name: string; left: Wanted }[] = [];
  const open = new Set<string>();
  const enter = (name: string) => {
    path.push({ name, left: [...(wanted.get(name) ?? [])] });
    open.add(name);
  };
  if (!done.has(start)) enter(start);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.left.shift();
    if (next === undefined) {
      path.pop();
      open.delete(top.name);
      done.add(top.name);
    } else if (open.has(next[0])) {
      const names = path.slice(path.findIndex(({ name }) => name === next[0])).map(({ name }) => name);
      const circle = [...names.slice(0, 10), next[0]].join(" → ");
      findings.add("scan.depends-cycle", "error", `depends_on goes in a circle: ${circle}`, next[1].key);
    } else if (!done.has(next[0])) enter(next[0]);
  }
}

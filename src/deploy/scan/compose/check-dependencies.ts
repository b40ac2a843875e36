import type { Findings } from "../findings.ts";
import { entriesOf } from "../located.ts";
import type { ComposeProject } from "./load-project.ts";
import { byName } from "./merge.ts";

/** `depends_on` that names nobody, and circles in it: Compose starts neither. */
export function checkDependencies(project: ComposeProject, findings: Findings): void {
  const wanted = new Map([...project.services].map(([name, service]) => [name, listWanted(service.body)]));
  const done = new Set<string>();
  for (const [name, entries] of wanted) {
    for (const [other, { key }] of entries) {
      if (wanted.has(other)) continue;
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

function listWanted(body: Parameters<typeof entriesOf>[0]) {
  const node = entriesOf(body).find(([key]) => key === "depends_on")?.[1].value;
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

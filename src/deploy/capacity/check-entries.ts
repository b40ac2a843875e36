import type { InventoryService, LoadedInventory } from "../../project/inventory.ts";
import type { Finding } from "../../text/finding.ts";
import { quoteUntrusted } from "../../text/visible.ts";
import { readBytes } from "../compose-file/amounts.ts";
import { isPossiblePort, readShortPort } from "../compose-file/ports.ts";

type Path = readonly (string | number)[];
type Problem = Pick<Finding, "rule" | "level" | "message" | "fix"> & { readonly path: Path };

/**
 * What inventory.yaml says and cannot mean: amounts, ports and names. Pure.
 *
 * @param known services that are there, prepared ones too
 */
export function checkEntries(loaded: LoadedInventory, known: ReadonlySet<string>): Finding[] {
  const { hosts, services } = loaded.inventory;
  const problems = [
    ...Object.entries(hosts).flatMap(([name, { memory }]) => checkAmount(name, memory, ["hosts", name])),
    ...Object.entries(services).flatMap(([name, service]) => checkService(name, service, known)),
  ];
  return problems.map(({ path, ...problem }) => {
    const line = loaded.lineOf(path);
    return { ...problem, file: loaded.file, ...(line === undefined ? {} : { line }) };
  });
}

function checkService(
  name: string,
  { memory, ports = [], depends_on: needed = [] }: InventoryService,
  known: ReadonlySet<string>,
): Problem[] {
  const path = ["services", name];
  return [
    ...checkAmount(name, memory, path),
    ...ports.flatMap((text, i) => checkPort(name, text, [...path, "ports", i])),
    ...needed.flatMap((other, i) => checkNeeded(name, other, known, [...path, "depends_on", i])),
  ];
}

function checkAmount(name: string, memory: string | undefined, path: Path): Problem[] {
  if (memory === undefined || readBytes(memory) !== null) return [];
  return [
    {
      rule: "capacity.amount",
      level: "error",
      message: `the memory of ${name}, ${quoteUntrusted(memory)}, cannot be read`,
      fix: "write a number with b, k, m, g or t behind it, as 512m",
      path: [...path, "memory"],
    },
  ];
}

function checkPort(name: string, text: string, path: Path): Problem[] {
  const port = readShortPort(text);
  if (port !== null && isPossiblePort(port)) return [];
  return [
    {
      rule: "capacity.port",
      level: "error",
      message: `${quoteUntrusted(text)} under ports of ${name} is no port`,
      fix: "write [ADDRESS:]PORT:PORT with ports from 1 to 65535, as 127.0.0.1:8080:80",
      path,
    },
  ];
}

/** A stranger may be right, as a database that somebody else looks after. */
function checkNeeded(name: string, other: string, known: ReadonlySet<string>, path: Path): Problem[] {
  const rule = "capacity.depends-on";
  if (other === name) {
    return [{ rule, level: "error", message: `${name} depends on itself`, fix: "take it out", path }];
  }
  if (known.has(other)) return [];
  const message = `${name} depends on '${other}', and there is no such service`;
  return [
    { rule, level: "warning", message, fix: `correct the name, or add ${other} under services:`, path },
  ];
}

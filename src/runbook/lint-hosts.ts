import type { Inventory } from "../project/inventory.ts";
import type { Finding } from "../text/finding.ts";
import { hostOf } from "./current-content.ts";
import { type CommandFence, fencesOf, type Runbook } from "./runbook.ts";
import { headerPlace } from "./runbook-header.ts";

/** Where commands go: to hosts that the front matter and the inventory name, and to each in the same way. */
export function lintHosts(runbook: Runbook, inventory: Inventory): Finding[] {
  const fences = [...runbook.steps.flatMap(fencesOf), ...runbook.verification];
  const unknown = runbook.hosts.filter((name) => hostOf(inventory, name) === undefined);
  const unused = runbook.hosts.filter((name) => !fences.some(({ hosts }) => hosts.includes(name)));
  return [
    ...unknown.map(
      (name): Finding => ({
        rule: "runbook.host-unknown",
        level: "error",
        message: `host ${name} is not in inventory.yaml`,
        fix: `add it there under hosts: ${name}:`,
        ...headerPlace(runbook, "hosts"),
      }),
    ),
    ...unused.map(
      (name): Finding => ({
        rule: "runbook.host-unused",
        level: "warning",
        message: `host ${name} is declared, and no command goes there`,
        fix: "take it out of hosts",
        ...headerPlace(runbook, "hosts"),
      }),
    ),
    ...fences.flatMap((fence) => [
      ...lintDeclared(fence, runbook.hosts),
      ...lintTogether(fence),
      ...lintTransports(fence, inventory),
    ]),
  ];
}

function lintDeclared({ kind, hosts, line }: CommandFence, declared: readonly string[]): Finding[] {
  const others = hosts.filter((name) => !declared.includes(name));
  return others.map((name) => ({
    rule: "runbook.host-undeclared",
    level: "error",
    message: `this ${kind} goes to ${name}, which the front matter does not name`,
    line,
    fix: `add ${name} to hosts`,
  }));
}

function lintTogether({ kind, hosts, together, line }: CommandFence): Finding[] {
  if (!together || hosts.length > 1) return [];
  return [
    {
      rule: "runbook.together",
      level: "warning",
      message: `this ${kind} goes to ${hosts.join()} alone: there is nothing to run together with it`,
      line,
      fix: "take `together` out, or name more hosts: host=web1,web2",
    },
  ];
}

/** One text is shown for all hosts of a fence; what is sent to this machine may begin with other lines. */
function lintTransports({ kind, hosts, line }: CommandFence, inventory: Inventory): Finding[] {
  const local = hosts.filter((name) => hostOf(inventory, name)?.transport === "local");
  if (local.length === 0 || local.length === hosts.length) return [];
  return [
    {
      rule: "runbook.hosts-mixed",
      level: "error",
      message: `this ${kind} goes to this machine (${local.join(", ")}) and to others`,
      line,
      fix: "make it a step for this machine and one for the others",
    },
  ];
}

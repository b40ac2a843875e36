import type { Gate } from "./gate.ts";

/** Whether a name is an agent's address here or at a peer, in whatever case. */
export function isAgent(gate: Gate, principal: string): boolean {
  const [role = "", project = ""] = principal.toLowerCase().split("@");
  const { config } = gate.project;
  const isNamed = (names: object, name: string) =>
    Object.keys(names).some((one) => one.toLowerCase() === name);
  return project === config.project.toLowerCase()
    ? isNamed(config.agents, role)
    : isNamed(config.peers, project);
}

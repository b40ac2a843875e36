import { LineTransport } from "../../mcp/line-transport.ts";
import { createServer } from "../../mcp/server.ts";
import { VERSION } from "../../platform/version.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { firstRole, loadProject } from "../../project/project.ts";
import { requireRole } from "../../project/role.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";

/** Serves until the client closes standard input; standard output is the protocol's alone. */
export async function runMcp(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const role = textOption(options, "role") ?? firstRole(project);
  requireRole(project, role);
  const server = createServer({ root: project.root, role, version: VERSION }, io.context);
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
    io.stdin.once("end", resolve);
    io.stdin.once("close", resolve);
  });
  await server.connect(new LineTransport(io.stdin, io.stdout));
  await closed;
  return outcome({}, "");
}

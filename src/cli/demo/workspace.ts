import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import type { Context } from "../../platform/context.ts";
import { requireGit, tryGit } from "../../platform/git.ts";
import { applyPeering, planPeering } from "../../project/peering.ts";
import { loadProject, type Project } from "../../project/project.ts";
import { applyScaffold, planScaffold } from "../../project/scaffold.ts";
import { packagedTemplates, templateText } from "../../project/templates.ts";
import { renderTemplate } from "../../text/template.ts";
import { grantReading } from "./grant-reading.ts";
import { markDemo } from "./played.ts";
import { findFreePort } from "./service.ts";

export interface DemoWorkspace {
  directory: string;
  /** The loopback port on which the service will answer. */
  port: number;
  shop: Project;
  infra: Project;
  office: Project;
}

/**
 * Three projects in a fresh folder: a shop with a small web service, the infrastructure that would run it, and an
 * office that keeps both in view.
 */
export async function makeWorkspace(directory: string, context: Context): Promise<DemoWorkspace> {
  mkdirSync(directory, { recursive: true });
  markDemo(directory);
  linkCommand(directory);
  const port = await findFreePort(context);
  copyService(join(directory, "shop"), port);
  const shop = await makeProject(directory, "shop", "developer", context);
  const infra = await makeProject(directory, "infra", "sysadmin", context);
  const office = await makeProject(directory, "office", "pm", context);
  const inventory = templateText(context, null, "demo/inventory.yaml");
  const values = { directory: JSON.stringify(join(directory, "hosts/rehearsal")) };
  writeFileSync(join(infra.root, "inventory.yaml"), renderTemplate(inventory.text, values, inventory.file));
  mkdirSync(join(directory, "hosts/rehearsal"), { recursive: true });
  for (const [one, other] of [
    [infra, shop],
    [office, shop],
    [office, infra],
  ] as const) {
    await applyPeering(planPeering(loadProject(one.root), other.root, { today: context.now() }));
  }
  for (const project of [shop, infra]) await grantReading(loadProject(project.root), "office", context.now());
  for (const project of [shop, infra, office]) await commitAll(project.root, context);
  return {
    directory,
    port,
    shop: loadProject(shop.root),
    infra: loadProject(infra.root),
    office: loadProject(office.root),
  };
}

/** Makes `npx vibeops` work in the workspace without an installation. */
function linkCommand(directory: string): void {
  mkdirSync(join(directory, "node_modules/.bin"), { recursive: true });
  symlinkSync(packageDirectory(), join(directory, "node_modules/vibeops"), "junction");
  symlinkSync("../vibeops/bin/vibeops.js", join(directory, "node_modules/.bin/vibeops"));
}

/** The example service, on a port that nobody uses here. */
function copyService(target: string, port: number): void {
  cpSync(join(packageDirectory(), "examples/shop"), target, { recursive: true });
  for (const name of ["Dockerfile", ".env.example", "compose.yaml"]) {
    const path = join(target, name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(/\b3000\b/g, String(port)));
  }
}

async function makeProject(
  directory: string,
  name: string,
  role: string,
  context: Context,
): Promise<Project> {
  const root = join(directory, name);
  mkdirSync(root, { recursive: true });
  // A repository of its own even inside somebody else's work tree.
  await requireSuccess(
    await tryGit({ top: root, env: context.env }, ["init", "--quiet", "--initial-branch=main"]),
  );
  const git = requireGit(root, context.env);
  const identity = await tryGit(git, ["var", "GIT_AUTHOR_IDENT"]);
  if (identity.exitCode !== 0) {
    await tryGit(git, ["config", "user.name", "Demo operator"]);
    await tryGit(git, ["config", "user.email", "operator@example.com"]);
  }
  await applyScaffold(await planScaffold(context, { root, roles: [role], name }), context);
  return loadProject(root);
}

async function commitAll(root: string, context: Context): Promise<void> {
  const git = requireGit(root, context.env);
  await requireSuccess(await tryGit(git, ["add", "--all"]));
  await requireSuccess(
    await tryGit(git, ["commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", "Begin with vibeops"]),
  );
}

async function requireSuccess(result: { exitCode: number; stderr: string }): Promise<void> {
  if (result.exitCode === 0) return;
  throw new VibeopsError({
    code: "git.failed",
    exit: Exit.unexpected,
    message: `git failed: ${result.stderr.trim()}`,
  });
}

function packageDirectory(): string {
  return dirname(packagedTemplates());
}

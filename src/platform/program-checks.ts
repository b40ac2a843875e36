import { VibeopsError } from "../errors.ts";
import { type Check, ok } from "./check.ts";
import type { Context } from "./context.ts";
import { runProcess } from "./process.ts";

/** The oldest that we are tested with; `engines` in package.json says the same of Node.js. */
const LEAST_NODE = [20, 19] as const;
const LEAST_GIT = [2, 34] as const;

/** Node.js, git and OpenSSH: there, and new enough. Starts each once; `node` is the version that runs us. */
export async function checkPrograms(context: Context, node: string): Promise<Check[]> {
  return [
    checkNode(node),
    await checkProgram(context, "git", ["--version"], (says) => {
      const version = /\d+\.\d+(?:\.\d+)*/.exec(says)?.[0] ?? "";
      if (isAtLeast(version, LEAST_GIT)) return ok("git.version", `git ${version}`);
      const what = `git is ${version}; 2.34 is needed, which answers while it holds its locks`;
      return { name: "git.version", status: "error", what, fix: "install a newer git" };
    }),
    await checkProgram(context, "ssh", ["-V"], (says) => ok("ssh", says.split(",", 1)[0] ?? "ssh")),
    await checkProgram(context, "ssh-keygen", ["-Y"], () => ok("ssh-keygen", "ssh-keygen")),
  ];
}

function checkNode(version: string): Check {
  if (isAtLeast(version, LEAST_NODE)) return ok("node", `Node.js ${version}`);
  const what = `Node.js is ${version}; 20.19 is needed`;
  return { name: "node", status: "error", what, fix: "install a newer Node.js: https://nodejs.org" };
}

/** `judge` is given what the program says of itself, on either stream. */
async function checkProgram(
  { env }: Context,
  name: string,
  args: readonly string[],
  judge: (says: string) => Check,
): Promise<Check> {
  try {
    const { stdout, stderr } = await runProcess(name, args, { env, timeoutMs: 10_000 });
    return judge(`${stdout}${stderr}`.trim());
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return {
      name: `${name}.missing`,
      status: "error",
      what: error.message,
      fix: error.fix,
      file: error.file,
    };
  }
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
}

import { runCompose } from "./compose.ts";
import { ComposeError } from "./compose-error.ts";
import { passThrough } from "./podman.ts";

/** Stands in for the `docker` command: `docker compose` through podman-compose, anything else through podman. */
async function runDocker(args: string[]): Promise<number> {
  if (args[0] === "compose") return runCompose(args.slice(1));
  const builds = ["build", "image build", "buildx build", "builder build"];
  const build = builds.find((words) => args.slice(0, words.split(" ").length).join(" ") === words);
  if (build === undefined) return passThrough("podman", args);
  // podman's own image format has no place for HEALTHCHECK; layers are left out as they take their time.
  const rest = args.slice(build.split(" ").length).filter((arg) => arg !== "--load");
  return passThrough("podman", ["build", "--format", "docker", "--layers=false", ...rest]);
}

try {
  process.exitCode = await runDocker(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ComposeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

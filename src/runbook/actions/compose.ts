import { quoteCommand } from "../../platform/quote.ts";

/** `docker compose --project-directory D …`, each argument quoted. */
export function compose(directory: string, ...words: string[]): string {
  return quoteCommand(["docker", "compose", "--project-directory", directory, ...words]);
}

/** Succeeds when every service of the project, or each of those named, has a running container. Only reads. */
export function allRunning(directory: string, services: readonly string[]): string {
  const wanted =
    services.length > 0
      ? `wanted=${quoteCommand([[...services].sort().join("\n")])}`
      : `wanted=$(${compose(directory, "config", "--services")} | sort)`;
  return `${wanted}
running=$(${compose(directory, "ps", "--services", "--filter", "status=running")} | sort)
for service in $wanted; do
  if ! printf '%s\\n' "$running" | grep -qxF -e "$service"; then
    echo "not running: $service" >&2
    exit 1
  fi
done
echo "running:" $running
`;
}

/** The last lines of the logs, before something destroys them; never a reason to stop. */
export function logEvidence(directory: string): string {
  return `${compose(directory, "logs", "--no-color", "--tail", "100")} || true\n`;
}

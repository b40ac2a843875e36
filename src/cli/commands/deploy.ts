import type { CommandSpec } from "../command.ts";

export const deployCommands: readonly CommandSpec[] = [
  {
    usage: "scan [folder]",
    summary: "what a repository needs to run: the deployment block, with the place of each fact",
    flags: [
      { flags: "--service <name>", summary: "the Compose service or Kubernetes workload that is meant" },
      {
        flags: "--compose <file>",
        summary: "a Compose file below the folder, as docker compose -f takes them; in order",
        repeatable: true,
      },
    ],
    examples: [
      "vibeops scan",
      "vibeops scan ~/work/shop --json",
      "vibeops scan --service api --compose compose.yaml --compose compose.prod.yaml",
    ],
    load: async () => (await import("./scan.ts")).runScan,
  },
  {
    usage: "readiness [memo-or-folder]",
    summary: "what must be known before a deployment: each question answered with its evidence, or open",
    flags: [
      { flags: "--min <percent>", summary: "end with 4 where fewer of the questions are answered" },
      { flags: "--service <name>", summary: "for a folder, as in scan" },
    ],
    examples: [
      "vibeops readiness",
      "vibeops readiness 7k3qfp2m",
      "vibeops readiness ~/work/shop --min 75",
      "vibeops readiness --json",
    ],
    load: async () => (await import("./readiness.ts")).runReadiness,
  },
];

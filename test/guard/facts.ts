import type { GuardFacts } from "../../src/guard/facts.ts";

/** The hosts, contexts and scripts that the command corpus assumes. */
export const corpusFacts: GuardFacts = {
  hosts: [
    { name: "prod", tier: "live" },
    { name: "staging", tier: "staging" },
    { name: "web1", address: "web1.example.com", tier: "live" },
    { name: "db1", address: "10.0.0.5", tier: "live" },
    { name: "edge", address: "deploy@203.0.113.10", tier: "live" },
  ],
  kubeContexts: { "prod-eks": "live", "kind-dev": "local", minikube: "local" },
  dockerContexts: { prod: "live" },
  scripts: [
    "npm test",
    "npm run build",
    "npm run lint",
    "npm run test",
    "npm run typecheck",
    "make test",
    "node dist/cli.js",
  ],
};

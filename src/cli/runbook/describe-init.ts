import type { InitPlan } from "../../runbook/plan-init.ts";
import type { TrustPaths } from "../../runbook/trust.ts";
import { makeVisible } from "../../text/visible.ts";

/** What an init would do, for a person to read before they say yes. */
export function describeInit(plan: InitPlan, paths: TrustPaths): string[] {
  const lines = [...describeKey(plan, paths)];
  if (plan.retires !== null) lines.push(`Your revoked key is moved to ${plan.retires}.`);
  if (plan.lists) {
    lines.push(
      `It is listed as ${plan.principal}'s, for approvals and record seals, in`,
      `  ${paths.allowedSigners}`,
    );
  }
  if (plan.first) {
    lines.push(
      "Nobody is trusted on this account yet: this key is trusted because it is the first.",
      "That is sound only if it is you who sits here, and not a program.",
    );
  } else if (plan.others.length > 0) lines.push(`Listed already: ${plan.others.join(", ")}.`);
  return lines.map((line) => makeVisible(line, { newlines: false }));
}

function describeKey({ key }: InitPlan, paths: TrustPaths): string[] {
  if (key.act === "keep") return [`Your key ${key.publicKey.fingerprint} stays as it is:`, `  ${paths.key}`];
  if (key.act === "copy") {
    return [
      `The key ${key.publicKey.fingerprint} of`,
      `  ${key.from}`,
      "is copied, with the passphrase or touch that it wants, to",
      `  ${paths.key}`,
      "Do not load it into ssh-agent: that signs for every program without asking you.",
    ];
  }
  if (key.type !== "ed25519") {
    return [
      `OpenSSH makes an ${key.type} key in your security key; each approval will want a touch. Its handle goes to`,
      `  ${paths.key}`,
    ];
  }
  return [
    "OpenSSH makes an ed25519 key for approvals, outside every project:",
    `  ${paths.key}`,
    "It asks you for a passphrase. Choose one that no agent knows: it is what proves that a person said yes.",
  ];
}

/** What has been done, said plainly. */
export function describeDone(plan: InitPlan, fingerprint: string): string[] {
  const whose = `${fingerprint} is ${plan.principal}'s`;
  if (!plan.first) return [`Your approval key ${whose}.`];
  return [`Your approval key ${whose}: this key is trusted because it is the first on this account.`];
}

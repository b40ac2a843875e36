import type { Judge, Rules } from "../call.ts";
import { each, onlyAsksAbout } from "../rules.ts";
import { live, opaque } from "../verdict.ts";

const forgeNouns =
  /^(pr|mr|issue|repo|release|workflow|run|api|gist|secret|variable|auth|cache|label|project|search|codespace|browse|ci)$/;

/** The forge's API. Reading is network all the same. */
const forge: Judge = (call) => {
  if (onlyAsksAbout(call.args) || /^(help|completion)$/.test(call.args[0] ?? "")) return null;
  const [first = "", second = ""] = call.args;
  // An extension or an alias may have any other name.
  if (forgeNouns.test(first) && call.args.length <= 3 && call.args.at(-1) === "--help") return null;
  const publishes = `${first} ${second}`;
  if (
    /^(gist create|gist edit|release upload|release create|issue create|pr create|repo create|snippet create)$/.test(
      publishes,
    )
  ) {
    return {
      answer: "exfil",
      reason: `"${call.name} ${publishes}" publishes what it is given.`,
      word: publishes,
      sends: true,
    };
  }
  if (
    /^(workflow run|run rerun|pr merge|secret set|variable set|repo delete|api|pipeline run|ci run|deploy|codespace|cs|ssh-key)/.test(
      publishes,
    )
  ) {
    return live(
      `"${call.name} ${publishes}" can start a deployment or change the repository for everybody.`,
      first,
    );
  }
  return { ...opaque(`"${call.name} ${publishes}" talks to the forge.`, first), sends: true };
};

export const forges: Rules = each("gh glab hub tea", forge);

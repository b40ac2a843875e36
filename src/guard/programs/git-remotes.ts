import type { Judge } from "../call.ts";
import { namesKnownHost } from "../hosts.ts";
import { showMarkers } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { live, opaque } from "../verdict.ts";
import { forcesBranch, rewrites } from "./git-history.ts";

/** They bring settings, hooks, or repositories that the first one names. */
const changesClone = /^(-c|--config|--template|-u|--recurs\S*|--remote-submodules)$/;

/** What it talks to; its options are judged for themselves. */
export const talks: Judge = (call) => {
  const parsed = parseOptions(call.args, {
    values:
      "-o -u -j -b --branch --depth --origin --jobs --reference --template -c --config --server-option --upload-pack --receive-pack",
  });
  const target = parsed.operands.find((word) => !word.startsWith("-"));
  const sub = call.name.replace("git ", "");
  if (target !== undefined && namesKnownHost(target, call.world.facts)) {
    return live(`"${showMarkers(target)}" names a host of the inventory.`, target);
  }
  const isPath =
    target !== undefined && /^(\.{0,2}\/|file:\/\/\/|\.{1,2}$)/.test(target) && !parsed.uncertain;
  const configures = parsed.flags.some(({ name }) => changesClone.test(name));
  const copy = sub === "clone" ? parsed.operands[1] : undefined;
  const place = copy === undefined ? null : call.world.judgeWrite(copy);
  if (isPath && forcesBranch(call.args, parsed.operands)) return rewrites(`${sub} --force`);
  if (isPath && sub !== "push" && !configures && !/[\uE000]|::/.test(target)) return place;
  return {
    ...opaque(`"git ${sub}" talks to another repository, which may be on any machine.`, sub),
    sends: true,
  };
};

export const remoteNames: Judge = (call) => {
  const [sub = "", ...rest] = call.args.filter((arg) => arg !== "-v" && arg !== "--verbose");
  if (sub === "show" && rest[0] === "-n") return null;
  if (sub === "" || /^(get-url|rename|remove|rm|set-head)$/.test(sub)) return null;
  const isFetching = rest.some((arg) => /^(-f|--fetch)$/.test(arg));
  if (isFetching || !/^(add|set-url)$/.test(sub))
    return opaque(`"git remote ${sub}" talks to another machine.`, sub);
  const address = rest.find((arg) => /[:/]/.test(arg)) ?? "";
  const isOurs = namesKnownHost(address, call.world.facts) || address.includes("::");
  return isOurs
    ? live(`"${showMarkers(address)}" becomes a place that later commands reach.`, address)
    : null;
};

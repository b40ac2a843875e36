import { Exit, VibeopsError } from "../../errors.ts";
import { tryParseAddress } from "../../memo/address.ts";
import type { MemoFilter } from "../../memo/memo-facts.ts";
import { priorities } from "../../memo/priority.ts";
import { memoTypes } from "../../project/memo-types.ts";
import { parseAge } from "../../text/duration.ts";
import { type Options, textOption } from "../command.ts";
import { oneOf, wholeNumber } from "../values.ts";

/** @throws VibeopsError `usage.value` */
export function readFilter(options: Options, now: Date, states: readonly string[]): MemoFilter {
  return {
    state: choiceOption(options, "state", states),
    from: addressOption(options, "from"),
    to: addressOption(options, "to"),
    priority: choiceOption(options, "priority", priorities),
    type: choiceOption(options, "type", memoTypes),
    before: momentOption(options, "older", now),
    since: momentOption(options, "newer", now),
  };
}

function choiceOption(options: Options, name: string, values: readonly string[]): string | undefined {
  const value = textOption(options, name);
  return value === undefined ? undefined : oneOf(name, value, values);
}

/** What is no address at all would quietly fit no memo. */
function addressOption(options: Options, name: string): string | undefined {
  const value = textOption(options, name);
  if (value === undefined || tryParseAddress(value) !== null) return value;
  throw new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: `--${name} is '${value}'`,
    fix: "a project or role@project, in lower case: shop, developer@shop",
  });
}

function momentOption(options: Options, name: string, now: Date): Date | undefined {
  const value = textOption(options, name);
  if (value === undefined) return undefined;
  const age = parseAge(value);
  if (age !== null) return new Date(now.getTime() - age);
  throw new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: `--${name} is '${value}'`,
    fix: "a number and m, h, d or w: 30m, 12h, 7d, 2w",
  });
}

/** How many at most; 0 for all. @throws VibeopsError `usage.value` */
export function limitOption(options: Options, otherwise: number): number {
  const value = textOption(options, "limit");
  return value === undefined ? otherwise : wholeNumber("limit", value, 0);
}

import type { Judge, Rules } from "../call.ts";
import type { GuardFacts } from "../facts.ts";
import { hostOfUrl, judgeHost, namesKnownHost } from "../hosts.ts";
import { showMarkers } from "../markers.ts";
import { findKnownPlace } from "../places.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";

/** A verb or a target that the guard does not know. */
export function unproven(name: string, sub: string): Verdict {
  return opaque(`"${name} ${sub}" is not known to stay on this machine.`, sub);
}

/** Options whose value is a program or code to load, where that is more than the name of a package of the project. */
const loads =
  /^--?(?:[a-z]+-)*(?:exec|executable|command|cmd|runner|pager|plugin|rulesdir|wrapper|linker|preload|plugins-relative-to)(?:=|$)/;

function loadedBy(args: readonly string[]): string | undefined {
  return args.find((arg, index) => {
    if (!loads.test(arg)) return false;
    const value = arg.includes("=") ? arg.slice(arg.indexOf("=") + 1) : (args[index + 1] ?? "");
    return /[\s/\uE000]/.test(value);
  });
}

/** Settings that are code, or name code to load. */
const settings =
  /^--?(c|r|config|config-file|configuration|require|rcfile|import|setup|init-script|settings|(global-?)?setup)$/i;

/** The project's own settings are its own code; those from elsewhere are not. */
function settingsElsewhere(args: readonly string[], facts: GuardFacts): string | undefined {
  return args.find((arg, index) => {
    const [name = "", joined] = arg.split("=", 2);
    const value = joined ?? args[index + 1] ?? "";
    const isOwn = facts.projectRoot !== undefined && value.startsWith(`${facts.projectRoot}/`);
    // `gcc -c file.c` compiles.
    const isSource = name === "-c" && /\.(c|cc|cpp|cxx|C|m|mm|s|S)$/.test(value);
    return settings.test(name) && /^[/~]/.test(value) && !isOwn && !isSource;
  });
}

/** A folder may be called after a host; so may one that stands alone, where it is not an option's value. */
const isPath = /^(?!.*:)[^/@]+\/[^@]*$/;
const isName = /^[\w-]+$/;
const takesPath = /^(?!-)|^(-p|--project|--build|-b)$/;

/** For what reads and checks the project: an address, a host or code from elsewhere takes it out. */
export const checks: Judge = ({ args, name, world }) => {
  const loaded = loadedBy(args) ?? settingsElsewhere(args, world.facts);
  if (loaded !== undefined) return opaque(`"${name} ${showMarkers(loaded)}" runs what it is given.`, loaded);
  const address = args.find(
    (arg, index) =>
      (namesKnownHost(arg, world.facts) &&
        !isPath.test(arg) &&
        !(isName.test(arg) && takesPath.test(args[index - 1] ?? ""))) ||
      (/:\/\//.test(arg) && isFar(arg, world.facts)),
  );
  return address === undefined
    ? worst(...writtenElsewhere(name, args).map(world.judgeWrite))
    : opaque(`"${name}" with "${showMarkers(address)}" may reach another machine.`, address);
};

const output = /^(-o|--(out|dest|report)[\w-]*)$/i;
const joinedOutput = /^(?:--(?:out|dest|report)[\w-]*=|-o(?=[/~]))(.+)$/i;
const changesFiles = /^(-w|-i|--write|--fix\S*|--in-?place|--auto-?correct\S*|format)$/;
/** They change files unless told only to look. */
const formatters = /^(black|isort|autopep8|yapf|rustfmt|scalafmt|ktlint|nixfmt|alejandra)$/;
const onlyLooks = /^(--check|--diff|-d|--dry-run|-n|--check-only|-c)$/;

/** Paths out of the project that it writes: what it makes, and what it puts right where it lies. */
function writtenElsewhere(name: string, args: readonly string[]): readonly string[] {
  const changes =
    !args.some((arg) => onlyLooks.test(arg)) &&
    (formatters.test(name) || args.some((arg) => changesFiles.test(arg)));
  return args.flatMap((arg, index) => {
    const path = joinedOutput.exec(arg)?.[1] ?? arg;
    const isWritten = path !== arg || changes || output.test(args[index - 1] ?? "");
    return isWritten && /^([/~]|\.\.\/)/.test(path) ? [path] : [];
  });
}

function isFar(address: string, facts: GuardFacts): boolean {
  const host = hostOfUrl(address.slice(address.search(/[a-z]+:\/\//i)));
  return host === null || !["loopback", "local"].includes(judgeHost(host, facts));
}

/** What builds or tests does so here, unless it is told to work on a host of ours. */
export function staysHere(rules: Rules): Rules {
  const guard =
    (judge: Judge): Judge =>
    (call) => {
      const place = findKnownPlace(call.args, call.world.facts);
      const sends =
        place === undefined
          ? null
          : live(`"${call.name}" is sent to "${showMarkers(place)}", a host of the inventory.`, place);
      return worst(judge(call), sends);
    };
  return Object.fromEntries(Object.entries(rules).map(([names, judge]) => [names, guard(judge)]));
}

/** Which tests by their names: no host, whatever stands in them. */
const picksTests =
  /^(-t|-k|-m|-g|-f|--grep|--fgrep|--filter|--testNamePattern|--test-name-pattern|--name|--example)$/;
const picksJoined = /^--(grep|fgrep|filter|testNamePattern|test-name-pattern|name|example)=/;

/** They run any file that they are given, so it has to look like a test. */
export const testRunner: Judge = (call) => {
  // These name sources, whose tests are found and run.
  const asksRelated = call.args.some(
    (arg, index) => arg === "--findRelatedTests" || (index === 0 && arg === "related"),
  );
  const file = call.args.find(
    (arg) =>
      !asksRelated &&
      /\.(js|cjs|mjs|ts|sh|bats|py)$/.test(arg) &&
      !/test|spec|conf/i.test(arg) &&
      !arg.startsWith("-"),
  );
  const args = call.args.filter(
    (arg, index) => !picksTests.test(call.args[index - 1] ?? "") && !picksJoined.test(arg),
  );
  return worst(
    checks({ ...call, args }),
    file === undefined
      ? null
      : opaque(`"${call.name} ${showMarkers(file)}" runs a file that is no test.`, file),
  );
};

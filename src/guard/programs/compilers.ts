import type { Judge, Rules } from "../call.ts";
import { showMarkers } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { each, guarded, subcommands } from "../rules.ts";
import { opaque, worst } from "../verdict.ts";
import { checks, unproven } from "./checks.ts";

/** A file of options may hold any, and these name a program that does a part of the work. */
const compiler: Judge = (call) => {
  const stop = call.args.find((arg) => /^(@|-B|-wrapper|-fplugin|--?specs|-fuse-ld=.*\/)/.test(arg));
  return stop === undefined
    ? checks(call)
    : opaque(`The option ${showMarkers(stop)} of "${call.name}" decides which programs run.`, stop);
};

const release = /(^|[^a-z])(deploy|publish|release|push|upload|install)/i;

const classFiles = guarded({ singleDash: true, writes: "-d -s -h" });

/** What a target does stands in the build's own files; one that is called after a release does what a release does. */
const ninja: Judge = (call) => {
  const { operands } = parseOptions(call.args, { values: "-C -f -j -k -l -d -t -w" });
  const target = operands.find((word) => release.test(word));
  return target === undefined ? checks(call) : unproven("ninja", target);
};

const cmakeBuilds = guarded({
  values: "-D -B -S -G -C -A -T -U -W -j -t",
  stops: "-P -E --workflow --install",
});
const cmake: Judge = (call) => {
  const at = call.args.findIndex((arg) => /^(-t|--target)$/.test(arg));
  const targets = at < 0 ? [] : call.args.slice(at + 1);
  const target = targets.find((word) => release.test(word));
  return worst(cmakeBuilds(call), target === undefined ? null : unproven("cmake --build", target));
};

const testing = {
  values: "-T -R -E -L -j -C --test-action --test-dir",
  stops: "-S --script --build-and-test --build-run-dir -D --dashboard",
};
const runsTests = guarded(testing);
/** What a step of a dashboard found may be sent to it. */
const ctest: Judge = (call) => {
  const steps = parseOptions(call.args, testing).flags.filter(({ name }) =>
    /^(-T|--test-action)$/.test(name),
  );
  const submits = steps.find(({ value = "" }) => !/^(test|build|configure|coverage|start)$/i.test(value));
  return worst(runsTests(call), submits ? unproven("ctest", submits.value ?? submits.name) : null);
};

/** Compilers of one file, and the builds and tests of what is compiled. */
export const compilers: Rules = {
  ...each("gcc g++ clang clang++ cc c++ ld as", compiler),
  javac: (call) => worst(checks(call), classFiles(call)),
  rustc: guarded({ writes: "-o --out-dir", stops: "-C --codegen" }),
  cmake,
  ctest,
  ninja,
  meson: subcommands({
    local: "setup compile introspect",
    judged: { test: guarded({ runs: "--wrapper --gdb-path" }) },
    otherwise: unproven,
  }),
};

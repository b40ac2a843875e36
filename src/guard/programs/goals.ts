import type { Judge } from "../call.ts";
import { opaque } from "../verdict.ts";

/** A goal, or a task whose name says that it builds or looks: `assembleDebug`, `:app:testRelease`. */
const goal =
  /^(?:(?::[\w-]+)*:)?(?:test|verify|compile|package|clean|build|check|assemble|dependencies|tasks|projects|help|validate|test-compile|integration-test|(?:spotless|checkstyle|surefire|dependency|help):(?:check|apply|test|tree|analyze|effective-pom)|(?:test|check|build|assemble|compile|lint|clean|spotless|ktlint|detekt|jacoco)(?:[A-Z]\w*)?|(?:\w+\/)?testOnly( [\w.*]+)+)$/;
const reaches = /publish|deploy|upload|push|release[A-Z]|install|run|exec|remote|prod/i;
const goalFlags =
  /^(-q|-B|-o|-e|-U|-X|-am|-amd|-ntp|-fae|-V|--offline|--quiet|--info|--stacktrace|--continue|--parallel|--rerun-tasks|--build-cache|--no-build-cache|--all|--no-daemon|--version|-version|-v|--help|-T\w*|-Dtest=[\w.#*,]+|-D(skip\w+|includes|maven\.javadoc\.skip|maven\.test\.\w+|failIfNoTests|surefire\.\w+)(=[\w.:*-]+)?)$/;
/** Their value is a task that is left out, a test, a module or a number. */
const goalValues = /^(-x|--exclude-task|--tests|--configuration|-pl|--projects|-T|--max-workers|--console)$/;

/** gradle, maven, sbt and ant: what is built or tested here passes. */
export const goals: Judge = ({ name, args }) =>
  args.every(
    (arg, index) =>
      goalFlags.test(arg) ||
      (/^-P[\w,-]+$/.test(arg) && !reaches.test(arg)) ||
      goalValues.test(arg) ||
      (goalValues.test(args[index - 1] ?? "") && /^[\w.:*#,]/.test(arg)) ||
      (goal.test(arg) && !reaches.test(arg)),
  )
    ? null
    : opaque(`"${name}" is given a goal that the guard does not know.`, name);

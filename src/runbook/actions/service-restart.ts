import * as z from "zod/mini";
import { quoteCommand } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import { hasKeep, needsKeep, PUT_BACK_FUNCTION, putBackLines, restoredSites } from "./kept-files.ts";
import { absolutePath, flag } from "./parameters.ts";

const schema = z
  .strictObject({
    unit: z
      .string()
      .check(
        z.maxLength(255),
        z.regex(/^[A-Za-z0-9_:.@][A-Za-z0-9_:.@\\-]*$/, { error: "the name of a systemd unit" }),
        z.describe("the systemd unit; `.service` unless told"),
      ),
    user: z._default(flag, false).check(z.describe("a unit of the user who logs in, not of the system")),
    restore: z
      ._default(z.array(absolutePath).check(z.maxLength(50)), [])
      .check(
        z.describe("what an earlier files.install wrote for this unit: the way back puts it back first"),
      ),
    keep: restoredSites.keep,
  })
  .check(z.refine(hasKeep, needsKeep));

type Parameters = z.output<typeof schema>;

/** Restarts a systemd unit. The way back puts its files back first: see compose-up.ts on the order. */
export const serviceRestart = defineAction<Parameters>({
  name: "service.restart",
  summary: "Restarts a systemd unit; the way back puts the earlier files back and restarts it again.",
  version: 2,
  schema,
  says: {
    check: "that systemd says the unit is active, and still says so after three seconds",
    rollback: "keeps the last log lines, puts `restore` back and restarts; none without `restore`",
    example: { unit: "nginx.service" },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params, source) {
    const restart = `${readUnitAnew(params)}${systemctl(params, "restart")}`;
    const run = { script: restart, timeout: "5m" };
    const isActive = systemctl(params, "is-active");
    // A simple service is active from the moment it is started, whatever becomes of it.
    const check = { script: `${isActive}\nsleep 3\n${isActive}\n`, attempts: 5 };
    if (params.restore.length === 0) {
      return { run, check, noRollback: "a restart changes no configuration." };
    }
    const back = putBackLines(params.keep ?? "", source.runbook, params.restore);
    const script = `${PUT_BACK_FUNCTION}${logEvidence(params)}${back}${restart}`;
    return { run, check, rollback: { script, timeout: "5m" } };
  },
});

function systemctl({ unit, user }: Parameters, verb: "restart" | "is-active"): string {
  const whose = user ? ["--user"] : [];
  // A step has no terminal to ask for a password on.
  return quoteCommand(["systemctl", ...whose, "--no-ask-password", verb, "--", fullName(unit)]);
}

/** systemd goes on with the unit as it read it, and restarts that, until it is told that files of it changed. */
function readUnitAnew({ unit, user }: Parameters): string {
  const words = ["systemctl", ...(user ? ["--user"] : []), "--no-ask-password"];
  const ask = quoteCommand([...words, "show", "--property=NeedDaemonReload", "--", fullName(unit)]);
  return `case "$(${ask})" in *=yes) ${quoteCommand([...words, "daemon-reload"])} ;; esac\n`;
}

/** What the unit said last, while it is the newest; never a reason to stop. */
function logEvidence({ unit, user }: Parameters): string {
  const whose = user ? "--user-unit" : "--unit";
  return `${quoteCommand(["journalctl", "--no-pager", "--lines", "100", `${whose}=${fullName(unit)}`])} || true\n`;
}

const UNIT_TYPE = /\.(?:service|socket|timer|target|path|mount|automount|swap|slice|scope|device)$/;

function fullName(unit: string): string {
  return UNIT_TYPE.test(unit) ? unit : `${unit}.service`;
}

// A person's lines at a pseudo-terminal, in a process of its own: what is typed at which moment.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { processIo } from "../../src/cli/io.ts";
import { LineReader } from "../../src/cli/line-reader.ts";

const say = (text: string) => void process.stdout.write(`${text}\n`);
const lines = new LineReader(processIo());

/** As ssh asks for the passphrase of a key. */
const ASK = `stty -echo </dev/tty; printf 'Passphrase: ' >/dev/tty; IFS= read -r it </dev/tty; stty echo </dev/tty; echo "got <$it>"`;

const acts: Record<string, () => Promise<void>> = {
  async passphrase() {
    await lines.interruptible(async () => {
      await once(spawn("sh", ["-c", ASK], { stdio: ["ignore", "inherit", "inherit"] }), "close");
    });
  },
  async interrupted() {
    await lines.interruptible(async (signal) => {
      say("running");
      await sleep(60_000, undefined, { signal }).catch(() => say("aborted"));
    });
  },
  async ahead() {
    await lines.interruptible(async () => {
      say("running");
      await sleep(500);
    });
  },
  async answered() {},
  async text() {
    say("paste it");
    say(`text <${(await lines.askText()).replaceAll("\n", "|")}>`);
  },
  async between() {
    say("between");
    await sleep(500);
    await lines.interruptible(async (signal) => say(signal.aborted ? "aborted" : "ran"));
  },
};

await lines.ask("Begin? ");
await acts[process.argv[2] ?? ""]?.();
say(`answer <${await lines.ask("And now? ")}>`);
lines.close();

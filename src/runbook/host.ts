import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { VibeopsError } from "../errors.ts";
import { type RunningProcess, startProcess } from "../platform/attended-process.ts";
import type { Context } from "../platform/context.ts";
import { sha256 } from "../platform/hash.ts";
import { findProgram } from "../platform/program.ts";
import { quoteCommand } from "../platform/quote.ts";
import { describeSystemError } from "../platform/system-error.ts";
import type { InventoryHost } from "../project/inventory.ts";
import { BoundedText } from "./bounded-text.ts";
import type { HostIdentity } from "./host-identity.ts";
import { GreetingFilter, WordFilter, type WrapperWord } from "./host-words.ts";
import { hostWrapper } from "./host-wrapper.ts";
import { sshArguments } from "./ssh-arguments.ts";

/** Characters of each stream that are kept while a step runs: the beginning and the end. */
const MAX_OUTPUT = 1024 * 1024;
/** How long a connection may take until it stands: a person may have to type a passphrase or touch a key. */
const CONNECT_MS = 120_000;
/** How much longer than the step itself, and than its interruption, its connection may take before we give it up. */
const GRACE_MS = 30_000;
/** How long a connection may stay open after the step has ended. */
const CLOSE_MS = 5_000;
/** How long what ssh has left running, such as a shared connection to a jump host, may hold our pipes open. */
const DRAIN_MS = 1_000;
/** How often the wrapper hears that we are still there, and after how many seconds without that it ends the step. */
const BEAT_MS = 15_000;
const SILENCE_SECONDS = 90;

export interface HostRequest {
  readonly host: InventoryHost;
  /** As the approval names it: the keys that a connection may meet. */
  readonly identity: HostIdentity;
  /** All that runs, made by `scriptBytes`. */
  readonly bytes: Buffer;
  /** The walk whose lock must lie on the host, or nothing runs there; without one nobody looks. */
  readonly walk?: string;
  readonly timeoutMs: number;
  readonly context: Context;
  /** Aborted: the step and everything it started is ended. */
  readonly signal?: AbortSignal;
  /** Output as it comes, raw: whoever shows it makes it visible. */
  readonly onOutput?: (stream: "stdout" | "stderr", text: string) => void;
}

export interface HostResult {
  /**
   * `ended`: the step ran and came to an end, by itself or not. `not-started`: it certainly did not run.
   * `lost`: it was sent, and nobody knows what became of it.
   */
  readonly state: "ended" | "not-started" | "lost";
  /** Null where the step has none. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly cause: "done" | "timeout" | "interrupt" | "lost" | "unlocked";
}

/**
 * Runs a step on a host. This is the one function in the program that starts anything on one; it asks nobody, so
 * only the walk and the verification call it, behind the gate. That no approved key of the host is known, or that
 * there is no ssh here, is a result too: the step did not start, and its standard error says why.
 */
export async function runOnHost(request: HostRequest): Promise<HostResult> {
  const place = join(tmpdir(), "vibeops-host-");
  let folder: string | undefined;
  let run: HostRun | undefined;
  try {
    folder = mkdtempSync(place);
    run = new HostRun(request, folder);
    return await run.run();
  } catch (error) {
    const why = run?.isStarted === true ? null : whyNotStarted(error, place);
    if (why === null) throw error;
    request.onOutput?.("stderr", why);
    return { state: "not-started", exit: null, stdout: "", stderr: why, cause: "lost" };
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Null where it is nothing that a person could mend. */
function whyNotStarted(error: unknown, place: string): string | null {
  if (error instanceof VibeopsError) return `${error.message}; ${error.fix ?? ""}\n`;
  const system = describeSystemError(error);
  return system === null ? null : `nothing can be written at ${place}…: ${system.message}; ${system.fix}\n`;
}

/** One connection, from its start until the step has ended, or until we give it up. */
class HostRun {
  readonly #request: HostRequest;
  readonly #folder: string;
  readonly #stdout = new BoundedText(MAX_OUTPUT);
  readonly #stderr = new BoundedText(MAX_OUTPUT);
  #giveUp: () => void = () => {};
  #deadline: NodeJS.Timeout | undefined;
  #sent = false;
  #refused: "refused" | "unlocked" | null = null;
  /** Undefined while ssh, or the wrapper here, still runs. */
  #exit: number | null | undefined;
  #overdue = false;
  #started = false;
  #ended: Extract<WrapperWord, { word: "ended" }> | undefined;

  constructor(request: HostRequest, folder: string) {
    this.#request = request;
    this.#folder = folder;
  }

  /** Whether the program was started that could reach the host: before that nothing has run there. */
  get isStarted(): boolean {
    return this.#started;
  }

  async run(): Promise<HostResult> {
    const { context, signal } = this.#request;
    if (signal?.aborted === true) return this.#result(null);
    const token = `vibeops-${Buffer.from(context.randomBytes(16)).toString("hex")}`;
    const givenUp = new Promise<number | null>((resolve) => {
      this.#giveUp = () => resolve(this.#exit ?? null);
    });
    const child = this.#start();
    this.#started = true;
    this.#allow(child, CONNECT_MS);
    child.onExit((exitCode) => {
      this.#allow(child, DRAIN_MS);
      this.#exit = exitCode;
    });
    this.#listen(child, token);
    const interrupt = () => this.#interrupt(child);
    signal?.addEventListener("abort", interrupt);
    const beat = setInterval(() => this.#sent && child.stdin.write("\n"), BEAT_MS);
    try {
      const exit = child.done.then(({ exitCode }) => exitCode);
      return this.#result(await Promise.race([exit, givenUp]));
    } finally {
      clearTimeout(this.#deadline);
      clearInterval(beat);
      signal?.removeEventListener("abort", interrupt);
    }
  }

  #start(): RunningProcess {
    const { host, identity, context, bytes, timeoutMs, walk = "" } = this.#request;
    const { env } = context;
    const cwd = env.HOME ?? homedir();
    const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
    const numbers = [bytes.length, sha256(bytes), seconds, SILENCE_SECONDS].map(String);
    const words = ["sh", "-c", hostWrapper(host), "vibeops-step", ...numbers, walk];
    if (host.transport === "local") return startProcess("sh", words.slice(1), { env, cwd });
    const args = sshArguments(identity, host.address ?? identity.name, this.#folder);
    // Ctrl-C reaches every program on the terminal. ssh must outlive it, to carry the word that the step has ended.
    const ssh = findProgram("ssh", env.PATH);
    const program = ["-c", 'trap "" INT; exec "$0" "$@"', ssh, ...args, quoteCommand(words)];
    return startProcess("sh", program, { env, cwd });
  }

  /** From now on the connection has so long; then it is closed from this end, whoever still holds the other. */
  #allow(child: RunningProcess, milliseconds: number): void {
    // Once the program has ended there is nothing to wait for but what is left in its pipes.
    if (this.#exit !== undefined) return;
    clearTimeout(this.#deadline);
    // What came in while this program was held up, by a terminal that stood still, is read before it is closed.
    this.#deadline = setTimeout(() => setImmediate(() => this.#close(child)), milliseconds);
  }

  #close(child: RunningProcess): void {
    this.#overdue = this.#exit === undefined;
    child.kill("SIGKILL");
    for (const stream of [child.stdout, child.stderr]) if (stream instanceof Readable) stream.destroy();
    this.#giveUp();
  }

  #interrupt(child: RunningProcess): void {
    child.stdin.end();
    this.#allow(child, GRACE_MS);
    // A connection that does not stand yet carries nothing that could be lost.
    if (!this.#sent && this.#request.host.transport === "ssh") child.kill("SIGTERM");
  }

  #listen(child: RunningProcess, token: string): void {
    const { onOutput } = this.#request;
    const take = (stream: "stdout" | "stderr", kept: BoundedText) => (text: string) => {
      if (text === "") return;
      kept.push(text);
      onOutput?.(stream, text);
    };
    const err = take("stderr", this.#stderr);
    const out = new GreetingFilter(token, err, take("stdout", this.#stdout));
    const filter = new WordFilter(token, err, (word) => this.#hear(word, child));
    const outDecoder = new StringDecoder("utf8");
    const errDecoder = new StringDecoder("utf8");
    child.stdin.on("error", () => {});
    child.stdout.on("data", (chunk: Buffer) => out.push(outDecoder.write(chunk)));
    child.stdout.on("end", () => {
      out.push(outDecoder.end());
      out.end();
    });
    child.stderr.on("data", (chunk: Buffer) => filter.push(errDecoder.write(chunk)));
    child.stderr.on("end", () => {
      filter.push(errDecoder.end());
      filter.end();
    });
    // No argument and no environment holds the token: it goes the way that the script goes.
    child.stdin.write(`${token}\n`);
  }

  #hear(word: WrapperWord, child: RunningProcess): void {
    if (word.word === "ready" && !this.#sent && this.#request.signal?.aborted !== true) {
      this.#sent = true;
      child.stdin.write(this.#request.bytes);
      this.#allow(child, this.#request.timeoutMs + GRACE_MS);
    }
    if (word.word === "refused" || word.word === "unlocked") this.#refused = word.word;
    if (word.word === "ended" && this.#ended === undefined) {
      this.#ended = word;
      child.stdin.end();
      this.#allow(child, CLOSE_MS);
    }
  }

  #result(exitCode: number | null): HostResult {
    const output = { stdout: this.#stdout.toString(), stderr: this.#stderr.toString() };
    if (this.#ended !== undefined && !this.#isContradicted(exitCode)) {
      const cause = { done: "done", eof: "interrupt", late: "timeout", silent: "lost" } as const;
      return { state: "ended", exit: this.#ended.exit, cause: cause[this.#ended.cause], ...output };
    }
    const interrupted = this.#request.signal?.aborted === true;
    const cause = interrupted ? "interrupt" : this.#overdue ? "timeout" : "lost";
    if (this.#refused !== null) {
      const why = this.#refused === "unlocked" ? "unlocked" : cause;
      return { state: "not-started", exit: exitCode, cause: why, ...output };
    }
    if (!this.#sent) return { state: "not-started", exit: exitCode, cause, ...output };
    return { state: "lost", exit: null, cause, ...output };
  }

  /** The wrapper exits as it says that the step did. 255 is ssh's own, for a connection that broke; null is ours. */
  #isContradicted(exitCode: number | null): boolean {
    return exitCode !== null && exitCode !== 255 && exitCode !== this.#ended?.exit;
  }
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { sha256 } from "../platform/hash.ts";
import { type RunningProcess, startProcess } from "../platform/process.ts";
import type { InventoryHost } from "../project/inventory.ts";
import { BoundedText } from "./bounded-text.ts";
import type { HostIdentity } from "./host-identity.ts";
import { WordFilter, type WrapperWord } from "./host-words.ts";
import { WRAPPER } from "./host-wrapper.ts";
import { quoteAssignments, quoteCommand } from "./quote.ts";
import { type LocalPlaces, placesNamedIn } from "./staged-files.ts";

const MAX_OUTPUT = 1024 * 1024;
/** How much longer than the step itself its connection may take before we give it up. */
const GRACE_MS = 30_000;

export interface HostRequest {
  readonly host: InventoryHost;
  /** As the approval names it: the keys that a connection may meet. */
  readonly identity: HostIdentity;
  /** All that runs, made by {@link scriptBytes}. */
  readonly bytes: Buffer;
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
  readonly cause: "done" | "timeout" | "interrupt" | "lost";
}

/** The bytes that a host is given: variables as quoted assignments, then the command as it was approved. */
export function scriptBytes(
  script: string,
  variables: Readonly<Record<string, string>>,
  host: Pick<InventoryHost, "transport">,
  places: LocalPlaces,
): Buffer {
  const own = host.transport === "local" ? placesNamedIn(script, places) : {};
  return Buffer.from(`${quoteAssignments({ ...variables, ...own })}${script}\n`);
}

/**
 * Runs a step on a host. This is the one function in the program that starts anything on one; it asks nobody, so
 * only the walk and the verification call it, behind the gate. That no approved key of the host is known, or that
 * there is no ssh here, is a result too: the step did not start, and its standard error says why.
 */
export async function runOnHost(request: HostRequest): Promise<HostResult> {
  const folder = mkdtempSync(join(tmpdir(), "vibeops-host-"));
  try {
    return await new HostRun(request, folder).run();
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    const stderr = `${error.message}; ${error.fix ?? ""}\n`;
    return { state: "not-started", exit: null, stdout: "", stderr, cause: "lost" };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class HostRun {
  readonly #request: HostRequest;
  readonly #folder: string;
  readonly #stdout = new BoundedText(MAX_OUTPUT);
  readonly #stderr = new BoundedText(MAX_OUTPUT);
  #sent = false;
  #refused = false;
  #overdue = false;
  #ended: Extract<WrapperWord, { word: "ended" }> | undefined;

  constructor(request: HostRequest, folder: string) {
    this.#request = request;
    this.#folder = folder;
  }

  async run(): Promise<HostResult> {
    const { bytes, timeoutMs, context, signal } = this.#request;
    if (signal?.aborted === true) return this.#result(null);
    const token = `vibeops-${Buffer.from(context.randomBytes(16)).toString("hex")}`;
    const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
    const words = ["sh", "-c", WRAPPER, "vibeops-step", token, String(bytes.length), sha256(bytes), seconds];
    const child = this.#start(words);
    const interrupt = () => child.stdin.end();
    signal?.addEventListener("abort", interrupt);
    const overdue = setTimeout(() => {
      this.#overdue = true;
      child.kill("SIGKILL");
    }, timeoutMs + GRACE_MS);
    this.#listen(child, token);
    try {
      const { exitCode } = await child.done;
      return this.#result(exitCode);
    } finally {
      clearTimeout(overdue);
      signal?.removeEventListener("abort", interrupt);
    }
  }

  #start(words: readonly string[]): RunningProcess {
    const { host, identity, context } = this.#request;
    const { env } = context;
    const cwd = env.HOME ?? homedir();
    if (host.transport === "local") return startProcess("sh", words.slice(1), { env, cwd });
    const args = [
      ...sshOptions(identity, this.#folder),
      "--",
      host.address ?? identity.name,
      quoteCommand(words),
    ];
    // Ctrl-C reaches every program on the terminal. ssh must outlive it, to carry the word that the step has ended.
    return startProcess("sh", ["-c", 'trap "" INT; exec ssh "$@"', "ssh", ...args], { env, cwd });
  }

  #listen(child: RunningProcess, token: string): void {
    const { onOutput } = this.#request;
    const out = new StringDecoder("utf8");
    const err = new StringDecoder("utf8");
    const filter = new WordFilter(
      token,
      (text) => {
        this.#stderr.push(text);
        onOutput?.("stderr", text);
      },
      (word) => this.#hear(word, child),
    );
    child.stdin.on("error", () => {});
    child.stdout.on("data", (chunk: Buffer) => {
      const text = out.write(chunk);
      this.#stdout.push(text);
      onOutput?.("stdout", text);
    });
    child.stderr.on("data", (chunk: Buffer) => filter.push(err.write(chunk)));
    child.stderr.on("end", () => filter.end());
  }

  #hear(word: WrapperWord, child: RunningProcess): void {
    if (word.word === "ready" && !this.#sent && this.#request.signal?.aborted !== true) {
      this.#sent = true;
      child.stdin.write(this.#request.bytes);
    }
    if (word.word === "refused") this.#refused = true;
    if (word.word === "ended") {
      this.#ended = word;
      child.stdin.end();
    }
  }

  #result(exitCode: number | null): HostResult {
    const output = { stdout: this.#stdout.toString(), stderr: this.#stderr.toString() };
    if (this.#ended !== undefined) {
      const cause = { done: "done", eof: "interrupt", late: "timeout" } as const;
      return { state: "ended", exit: this.#ended.exit, cause: cause[this.#ended.cause], ...output };
    }
    const interrupted = this.#request.signal?.aborted === true;
    const cause = interrupted ? "interrupt" : this.#overdue ? "timeout" : "lost";
    if (!this.#sent || this.#refused) return { state: "not-started", exit: exitCode, cause, ...output };
    return { state: "lost", exit: null, cause, ...output };
  }
}

/** The person's own configuration holds; what follows cannot be turned off by it. */
function sshOptions(identity: HostIdentity, folder: string): string[] {
  if (identity.keys.length === 0) {
    throw new VibeopsError({
      code: "host.key",
      exit: Exit.refused,
      message: `no approved key of host ${identity.name} is known here, so nobody could tell it from another machine`,
      fix: `connect once by hand and compare the fingerprint (ssh ${identity.name}), then approve again`,
    });
  }
  const knownHosts = join(folder, "known_hosts");
  writeFileSync(knownHosts, identity.keys.map((key) => `${key.line}\n`).join(""), { mode: 0o600 });
  const options = [
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${knownHosts}`,
    "GlobalKnownHostsFile=/dev/null",
    "UpdateHostKeys=no",
    "VerifyHostKeyDNS=no",
    "NoHostAuthenticationForLocalhost=no",
    // A connection that stands already was made to whatever key it met then.
    "ControlPath=none",
    "ControlMaster=no",
    "ForwardAgent=no",
    "ClearAllForwardings=yes",
    "RequestTTY=no",
    "RemoteCommand=none",
    "PermitLocalCommand=no",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
  ];
  return ["-T", ...options.flatMap((option) => ["-o", option])];
}

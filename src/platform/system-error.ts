import { constants } from "node:os";

/** What the operating system refused, in words: for a person who has to make room, and not to look for a defect. */
export interface SystemErrorReport {
  /** `ENOSPC`, `EDQUOT` … */
  code: string;
  message: string;
  fix: string;
}

/** The code under which a person is told of it. */
export function systemCode(code: string): string {
  return `system.${code.toLowerCase()}`;
}

const WORDS: Readonly<Record<string, { message: string; fix: string }>> = {
  ENOSPC: { message: "the disk is full", fix: "make room on it, then run the command again" },
  EDQUOT: {
    message: "your quota on this disk is used up",
    fix: "remove what you no longer need, or ask for more; then run the command again",
  },
  EMFILE: {
    message: "too many files are open",
    fix: "raise the limit (ulimit -n), then run the command again",
  },
  ENFILE: {
    message: "too many files are open on this machine",
    fix: "end some programs, then run the command again",
  },
  EIO: {
    message: "the disk did not do what it was told",
    fix: "look what the system says of it (dmesg), then run the command again",
  },
};

/** An error that a system call returned; null for any other. Node has no name for some of them, as EDQUOT. */
export function describeSystemError(error: unknown): SystemErrorReport | null {
  if (!(error instanceof Error)) return null;
  const { code, errno, path } = error as NodeJS.ErrnoException;
  const name = /^E[A-Z0-9]+$/.test(code ?? "") ? code : nameOf(errno);
  if (name === undefined) return null;
  return inWords(name, path) ?? { code: name, message: error.message, fix: OTHER_FIX };
}

const OTHER_FIX = "see to the disk or its permissions, then run the command again";

function inWords(code: string, path: string | undefined): SystemErrorReport | null {
  const words = WORDS[code];
  if (words === undefined) return null;
  const place = path === undefined ? "" : `: ${path}`;
  return { code, message: `${words.message} (${code})${place}`, fix: words.fix };
}

/** As programs write them to standard error; git has words of its own where it could write only a part. */
const TOLD: readonly (readonly [code: string, words: RegExp])[] = [
  ["EDQUOT", /Disk quota exceeded/],
  ["ENOSPC", /No space left on device|Out of diskspace/],
  ["ENFILE", /Too many open files in system/],
  ["EMFILE", /Too many open files/],
  ["EIO", /Input\/output error/],
];

/** What the operating system refused a program that we started, by what that said in the C locale; null where it was nothing of this. */
export function findSystemError(stderr: string, path?: string): SystemErrorReport | null {
  const told = TOLD.find(([, words]) => words.test(stderr));
  return told === undefined ? null : inWords(told[0], path);
}

function nameOf(errno: number | undefined): string | undefined {
  if (errno === undefined) return undefined;
  return Object.entries(constants.errno).find(([, number]) => number === Math.abs(errno))?.[0];
}

/** A write to an open file fails without a word on where. */
export function placed(error: unknown, path: string): unknown {
  const isSilent = error instanceof Error && "syscall" in error && !("path" in error);
  return isSilent ? Object.assign(error, { path }) : error;
}

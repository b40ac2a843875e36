import { constants } from "node:os";

/** What the operating system refused, in words: for a person who has to make room, and not to look for a defect. */
export interface SystemErrorReport {
  /** `ENOSPC`, `EDQUOT` … */
  code: string;
  message: string;
  fix: string;
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
  const words = WORDS[name];
  const place = path === undefined ? "" : `: ${path}`;
  return {
    code: name,
    message: words === undefined ? error.message : `${words.message} (${name})${place}`,
    fix: words?.fix ?? "see to the disk or its permissions, then run the command again",
  };
}

function nameOf(errno: number | undefined): string | undefined {
  if (errno === undefined) return undefined;
  return Object.entries(constants.errno).find(([, number]) => number === Math.abs(errno))?.[0];
}

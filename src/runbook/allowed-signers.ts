import { Exit, VibeopsError } from "../errors.ts";
import { fingerprint } from "./ssh-key.ts";

/** A line of an allowed-signers file (ssh-keygen(1), ALLOWED SIGNERS). */
export interface Signer {
  readonly principal: string;
  /** Empty: any. */
  readonly namespaces: readonly string[];
  readonly keyType: string;
  readonly fingerprint: string;
  readonly line: number;
}

/**
 * Reads an allowed-signers file the strict way: every line names one person. Patterns, certificate authorities
 * and lines that cannot be read are refused, since `*` would let anybody approve.
 *
 * @throws VibeopsError `trust.signers`
 */
export function parseSigners(text: string, file: string): Signer[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    const trimmed = line.trim();
    return trimmed === "" || trimmed.startsWith("#") ? [] : readLine(trimmed, i + 1, file);
  });
}

function readLine(text: string, line: number, file: string): Signer[] {
  const [, principals, options, keyType, blob] =
    /^(\S+)\s+(?:((?:[a-z-]+(?:="[^"]*")?,?)+)\s+)?((?:sk-)?(?:ssh|ecdsa)-\S+)\s+([A-Za-z0-9+/=]+)(?:\s|$)/.exec(
      text,
    ) ?? [];
  if (principals === undefined || keyType === undefined || blob === undefined) {
    throw refuse(
      file,
      line,
      "this line is no allowed signer",
      'write: you@example.com namespaces="…" ssh-ed25519 AAAA…',
    );
  }
  if (options !== undefined && /(?:^|,)cert-authority/.test(options)) {
    throw refuse(
      file,
      line,
      "a certificate authority would let anybody in whom it certifies",
      "name the people",
    );
  }
  const namespaces = /namespaces="([^"]*)"/.exec(options ?? "")?.[1]?.split(",") ?? [];
  return principals.split(",").map((principal) => {
    if (/[*?!]/.test(principal)) {
      throw refuse(
        file,
        line,
        `'${principal}' is a pattern: it lets others in`,
        "name one person by their address",
      );
    }
    return { principal, namespaces, keyType, fingerprint: fingerprint(blob), line };
  });
}

function refuse(file: string, line: number, message: string, fix: string): VibeopsError {
  return new VibeopsError({ code: "trust.signers", exit: Exit.refused, message, file, line, fix });
}

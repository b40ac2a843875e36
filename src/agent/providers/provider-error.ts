import { Exit, VibeopsError } from "../../errors.ts";

/** A turn that a provider did not answer. */
export class ProviderError extends VibeopsError {
  /** Whether the same turn may succeed a little later. */
  readonly isPassing: boolean;
  /** How long the server asked to wait, in milliseconds. */
  readonly waitMs: number | undefined;

  constructor(details: { code: string; message: string; fix: string; waitMs?: number; isPassing: boolean }) {
    super({ ...details, exit: Exit.provider });
    this.isPassing = details.isPassing;
    this.waitMs = details.waitMs;
  }
}

/** The stream ended before the model did. */
export function cutStream(provider: string, why = "the stream ended"): ProviderError {
  return new ProviderError({
    code: "provider.cut",
    message: `${provider} ended its answer in the middle: ${why}`,
    fix: "run the session again: it goes on where it stopped",
    isPassing: true,
  });
}

export function hungServer(provider: string, idleMs: number): ProviderError {
  return new ProviderError({
    code: "provider.hung",
    message: `${provider} has said nothing for ${Math.round(idleMs / 1000)} s`,
    fix: "run the session again: it goes on where it stopped",
    isPassing: true,
  });
}

/**
 * What an HTTP answer means.
 *
 * @param said the server's own words, which nobody vouches for
 * @param isSpent whether what was paid for is used up, which no waiting brings back
 */
export function httpFailure(
  provider: string,
  {
    status,
    said,
    waitMs,
    isSpent = false,
  }: { status: number; said: string; waitMs?: number | undefined; isSpent?: boolean },
): ProviderError {
  // Google says of a wrong key that the request is one.
  const isKey = status === 400 && /\bAPI[ _]key[ _](?:not[ _]valid|invalid|expired)/i.test(said);
  const { code, meaning, fix, isPassing } = isSpent ? SPENT : meaningOf(isKey ? 401 : status, waitMs);
  return new ProviderError({
    code: `provider.${code}`,
    message: `${provider} ${meaning} (${status}): ${said}`,
    fix,
    isPassing,
    ...(waitMs === undefined ? {} : { waitMs }),
  });
}

export function unreachable(provider: string, why: string): ProviderError {
  return new ProviderError({
    code: "provider.unreachable",
    message: `${provider} cannot be reached: ${why}`,
    fix: "check the network, and base_url in vibeops.yaml",
    isPassing: true,
  });
}

interface Meaning {
  code: string;
  meaning: string;
  fix: string;
  isPassing: boolean;
}

const SPENT: Meaning = {
  code: "quota",
  meaning: "has nothing left of what was paid for",
  fix: "look at the account with the vendor, or take another key",
  isPassing: false,
};

function meaningOf(status: number, waitMs: number | undefined): Meaning {
  if (status === 401 || status === 403) {
    return {
      code: "key",
      meaning: "does not take the key",
      fix: "vibeops doctor says which variable it is read from",
      isPassing: false,
    };
  }
  if (status === 404) {
    return {
      code: "model",
      meaning: "does not know that",
      fix: "check model and base_url in vibeops.yaml",
      isPassing: false,
    };
  }
  if (status === 429) {
    return {
      code: "rate-limit",
      meaning: "limits how often it answers",
      fix: `wait${waitMs === undefined ? "" : ` for ${Math.ceil(waitMs / 1000)} s`}, or raise the limit with the vendor`,
      isPassing: true,
    };
  }
  if (status === 408 || status === 409 || status >= 500) {
    return {
      code: "overloaded",
      meaning: "cannot answer now",
      fix: "run the session again later: it goes on where it stopped",
      isPassing: true,
    };
  }
  return {
    code: "request",
    meaning: "refuses the request",
    fix: "see what it says, and model, base_url and max_tokens in vibeops.yaml; the next session begins a new conversation",
    isPassing: false,
  };
}

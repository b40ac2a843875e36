import * as z from "zod/mini";
import { quoteCommand } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import { duration, expectText, httpUrl, wholeNumber } from "./parameters.ts";

const schema = z.strictObject({
  url: httpUrl.check(z.describe("what is asked, from the host")),
  expect: z.optional(expectText).check(z.describe("text that the answer must hold")),
  connect: z
    .optional(z.string().check(z.regex(/^[A-Za-z0-9.-]{1,253}:\d{1,5}$/, { error: "host:port" })))
    .check(z.describe("connect there whatever the address says, as before a DNS change")),
  seconds: z._default(wholeNumber(1, 300), 10).check(z.describe("how long one attempt may take")),
  attempts: z._default(wholeNumber(1, 1000), 10),
  interval: z._default(duration, "3s").check(z.describe("between attempts")),
});

type Parameters = z.output<typeof schema>;

/** Asks over HTTP and wants a 2xx or 3xx answer, with `expect` that text in it. */
export const httpCheck = defineAction<Parameters>({
  name: "http.check",
  summary: "Asks an address over HTTP until it answers as expected; changes nothing.",
  version: 1,
  schema,
  says: {
    check: "a 2xx or 3xx answer, with `expect` in it",
    rollback: "nothing to undo",
    example: { url: "https://shop.example.com/healthz", expect: "ok" },
  },
  effect: () => ({ run: "read", rollback: "read" }),
  compile(params) {
    const connect = params.connect === undefined ? [] : ["--connect-to", `::${params.connect}`];
    const limit = ["--max-time", String(params.seconds)];
    // Braces and brackets would make curl ask several addresses.
    const literal = /[[\]{}]/.test(params.url) ? ["--globoff"] : [];
    const flags = ["--fail", "--silent", "--show-error", ...literal, ...limit, ...connect];
    return {
      check: {
        script: quoteCommand(["curl", ...flags, params.url]),
        timeout: `${params.seconds + 10}s`,
        attempts: params.attempts,
        interval: params.interval,
        ...(params.expect === undefined ? {} : { expect: params.expect }),
      },
    };
  },
});

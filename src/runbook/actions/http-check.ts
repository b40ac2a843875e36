import * as z from "zod";
import { quoteCommand } from "../quote.ts";
import { defineAction } from "./action.ts";
import { duration, expectText, httpUrl, wholeNumber } from "./parameters.ts";

const schema = z.strictObject({
  url: httpUrl.describe("what is asked, from the host"),
  expect: expectText.optional().describe("text that the answer must hold"),
  connect: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}:\d{1,5}$/, { error: "host:port" })
    .optional()
    .describe("connect there whatever the address says, as before a DNS change"),
  seconds: wholeNumber(1, 300).default(10).describe("how long one attempt may take"),
  attempts: wholeNumber(1, 1000).default(10),
  interval: duration.default("3s").describe("between attempts"),
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
